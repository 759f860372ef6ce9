use serde_json::{Value, json};

use crate::client::{Client, display_ids};

/// Follows a list to its end and returns the ids page by page.
async fn pages(pivotal: &Client, path: &str) -> Vec<Vec<u64>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = pivotal.get(&format!("{path}{cursor}")).await.ok();
        pages.push(display_ids(&page));
        assert!(pages.len() < 100, "the pages of {path} do not end");
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert_eq!(page["has_more"], false);
                return pages;
            }
        }
        assert_eq!(page["has_more"], true);
        assert_eq!(
            page["next_cursor"],
            page["data"].as_array().unwrap().last().unwrap()["created_at"]
        );
    }
}

#[tokio::test]
async fn an_empty_list_is_an_empty_page() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    for path in [
        "/customers?status=churned",
        "/onboardings",
        "/customers/1/contacts",
        "/customers/1/onboardings",
    ] {
        let list = pivotal.get(path).await.ok();
        assert_eq!(
            list,
            json!({ "object": "list", "data": [], "has_more": false, "next_cursor": null })
        );
    }
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_overlap() {
    let pivotal = Client::start().await;
    for number in 0..30 {
        pivotal.customer(&format!("Customer {number}")).await;
    }
    let all: Vec<u64> = (1..=30).rev().collect();
    for limit in [1, 7, 10, 29, 30, 31, 100] {
        let pages = pages(&pivotal, &format!("/customers?limit={limit}")).await;
        assert_eq!(pages.concat(), all, "limit {limit}");
        assert!(
            pages[..pages.len() - 1]
                .iter()
                .all(|page| page.len() == limit)
        );
        // A full page can be the last one: none is empty.
        assert_eq!(pages.len(), 30_usize.div_ceil(limit));
    }
    assert_eq!(pages(&pivotal, "/customers?").await[0].len(), 25);
}

#[tokio::test]
async fn rows_made_at_once_have_creation_times_of_their_own() {
    let pivotal = Client::start().await;
    let creates = (0..64).map(|number| {
        let request = pivotal
            .request(reqwest::Method::POST, "/customers")
            .json(&json!({ "name": format!("C{number}") }));
        tokio::spawn(request.send())
    });
    for create in creates.collect::<Vec<_>>() {
        assert_eq!(create.await.unwrap().unwrap().status(), 201);
    }
    let list = pivotal.get("/customers?limit=100").await.ok();
    let times: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["created_at"].as_str().unwrap())
        .collect();
    assert_eq!(times.len(), 64);
    assert!(times.windows(2).all(|pair| pair[0] > pair[1]));
    assert_eq!(
        pages(&pivotal, "/customers?limit=9").await.concat().len(),
        64
    );
}

#[tokio::test]
async fn a_cursor_returns_rows_strictly_older_than_it() {
    let pivotal = Client::start().await;
    let rows = [
        pivotal.customer("A").await,
        pivotal.customer("B").await,
        pivotal.customer("C").await,
    ];
    let second = rows[1]["created_at"].as_str().unwrap();
    for (cursor, expected) in [
        (second.to_owned(), vec![1]),
        // The same time, and a moment later that the milliseconds of the rows do not tell.
        (second.replace('Z', "%2B00:00"), vec![1]),
        (second.replace('Z', "0001Z"), vec![2, 1]),
        ("2999-01-01T00:00:00Z".to_owned(), vec![3, 2, 1]),
        ("1999-01-01T00:00:00Z".to_owned(), vec![]),
    ] {
        let list = pivotal
            .get(&format!("/customers?cursor={cursor}"))
            .await
            .ok();
        assert_eq!(display_ids(&list), expected, "{cursor}");
    }
}

#[tokio::test]
async fn filters_apply_before_paging() {
    let pivotal = Client::start().await;
    let customer = pivotal.customer("Aurora").await;
    for number in 0..20 {
        let state = if number % 2 == 0 { "paused" } else { "active" };
        let body = json!({ "customer_id": customer["id"], "state": state });
        pivotal.post("/onboardings", body).await.created();
    }
    let expected: Vec<u64> = (1..=20).rev().filter(|number| number % 2 == 1).collect();
    for path in [
        "/onboardings?state=paused&limit=3",
        "/onboardings?state=paused&limit=3&customer_id=1",
    ] {
        let pages = pages(&pivotal, path).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 1]);
        assert_eq!(pages.concat(), expected);
    }
}

#[tokio::test]
async fn contacts_are_paged_too() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    for number in 0..5 {
        let body = json!({ "name": "Someone", "email": format!("someone{number}@x.io") });
        pivotal.post("/customers/1/contacts", body).await.created();
    }
    let pages = pages(&pivotal, "/customers/1/contacts?limit=2").await;
    assert_eq!(pages, [vec![5, 4], vec![3, 2], vec![1]]);
}

#[tokio::test]
async fn rows_that_come_while_paging_do_not_disturb_it() {
    let pivotal = Client::start().await;
    for name in ["A", "B", "C", "D"] {
        pivotal.customer(name).await;
    }
    let first: Value = pivotal.get("/customers?limit=2").await.ok();
    pivotal.customer("E").await;
    pivotal.delete("/customers/2").await.ok();
    let next = pivotal
        .get(&format!(
            "/customers?limit=2&cursor={}",
            first["next_cursor"].as_str().unwrap()
        ))
        .await
        .ok();
    assert_eq!(
        (display_ids(&first), display_ids(&next)),
        (vec![4, 3], vec![1])
    );
}
