//! Examples of the commands, for their help.

use clap::Command;

/// What the help of `pivotal` itself shows.
pub(crate) const FIRST: &str = "\
Examples:
  pivotal customers list --sandbox
  pivotal import customers.csv --dry-run
  pivotal sync --yes";

/// A command shows the lines that begin with its words. An argument in quotes is quoted whole.
const EXAMPLES: &str = "\
pivotal demo
pivotal demo --keep
pivotal contract --coverage
pivotal contract --base-url http://127.0.0.1:8787 --write
pivotal sandbox --seed 7 --state sandbox.db
pivotal sandbox --load customers.json --load onboardings.json
pivotal sandbox export --state sandbox.db > all.json
pivotal sandbox import all.json --state copy.db
pivotal webhooks listen --forward http://127.0.0.1:3000/pivotal
pivotal webhooks trigger customer.created
pivotal webhooks resend msg_1
pivotal customers list --status onboarding --limit 10
pivotal customers list -o csv --columns name,slug,mrr
pivotal customers get 48 -o json
pivotal customers create --set 'name=Aurora Outfitters' --set plan=Growth --extra tier=gold
pivotal customers update 48 --set mrr=73900 --null domain
pivotal customers delete 48 --yes
pivotal contacts list 48
pivotal contacts get 114
pivotal contacts create 48 --set 'name=Mira Chen' --set email=mira@aurora-demo.com
pivotal contacts update 114 --set 'title=Head of Growth'
pivotal contacts delete 114
pivotal onboardings list --phase launch --state active
pivotal onboardings get 54
pivotal onboardings create --set customer_id=48 --set target_launch_date=2026-07-15
pivotal onboardings update 54 --set waiting_on_customer=true
pivotal onboardings delete 54
pivotal onboardings advance 54
pivotal onboardings pause 54
pivotal onboardings resume 54
pivotal export customers -o customers.csv
pivotal export contacts --customer 48 --format jsonl
pivotal export onboardings --state active -o active.csv
pivotal export all -o pivotal.sqlite
pivotal export all --format singer | target-jsonl
pivotal duplicates
pivotal duplicates --fail -o csv
pivotal board --owner owner_1 --watch 30
pivotal board --html board.html
pivotal board --jq 'map(select(.overdue_days)) | length'
pivotal api /customers --query limit=2 --jq '.data[].name'
pivotal api /customers --paginate -o jsonl
pivotal api PATCH /customers/48 --json '{\"plan\": \"Scale\"}'
pivotal open 48
pivotal import customers.csv --dry-run
pivotal import customers.csv --config pivotal-sync.toml --yes
gunzip -c customers.jsonl.gz | pivotal import - --format jsonl
pivotal plan customers.csv
pivotal plan -o csv --columns action,label,reason
pivotal apply 3
pivotal apply 3 --max-changes 50 --yes
pivotal apply plan.jsonl
pivotal undo 3 --dry-run
pivotal undo 3
pivotal runs
pivotal runs 3 -o csv
pivotal mirror
pivotal mirror --with contacts,onboardings --state pivotal.db
pivotal sync init --from hubspot
pivotal sync init companies.csv
pivotal sync --dry-run
pivotal sync --yes --quiet
tap-hubspot | pivotal sync > state.json
pivotal me --columns organization.name
pivotal health --jq .status
pivotal completions bash";

/// Adds examples to the help of a command and its subcommands.
pub(crate) fn add(command: Command, above: &str) -> Command {
    let words = format!("{above} {}", command.get_name());
    let is_about = |line: &&str| {
        let mut parts = line.split(" | ");
        parts.any(|part| {
            let rest = part.strip_prefix(words.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    };
    let examples: Vec<_> = EXAMPLES.lines().filter(is_about).collect();
    let examples = format!("Examples:\n  {}", examples.join("\n  "));
    let help = match command.get_after_help() {
        Some(help) => format!("{help}\n\n{examples}"),
        None => examples,
    };
    let command = command.after_help(help);
    command.mut_subcommands(|below| add(below, &words))
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;
    use pivotal_test_support::words;

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn the_command_line_accepts_every_example() {
        for line in FIRST.lines().skip(1).chain(EXAMPLES.lines()) {
            let line = line.trim_start();
            let mut parts = line.split(" | ").flat_map(|part| part.split(" > "));
            let command = parts.find(|part| part.starts_with("pivotal "));
            // A filter has the sign of a pipe, too.
            let command = if line.contains("--jq '") {
                line
            } else {
                command.unwrap()
            };
            let matches = Arguments::command_line().try_get_matches_from(words(command));
            let read = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
            assert!(read.is_ok(), "{line}: {}", read.unwrap_err());
        }
    }

    #[test]
    fn the_help_of_every_command_has_an_example() {
        fn check(command: &mut Command, words: &str) {
            let help = command.render_long_help().to_string();
            let (_, examples) = help.split_once("Examples:\n").expect(words);
            assert!(examples.contains(words), "{words}: {examples}");
            let below = command.get_subcommands_mut();
            for below in below.filter(|below| below.get_name() != "help") {
                let words = format!("{words} {}", below.get_name());
                check(below, &words);
            }
        }
        for command in Arguments::command_line().get_subcommands_mut() {
            let words = format!("pivotal {}", command.get_name());
            check(command, &words);
        }
    }
}
