// The first-customer guide with nothing but fetch: what the vendor's own readers run. Against `pivotal sandbox` it prints the
// same lines however often it is run:
//
//   PIVOTAL_API_KEY=… PIVOTAL_BASE_URL=http://127.0.0.1:8787 node --input-type=module < first-customer.ts

const base = process.env.PIVOTAL_BASE_URL ?? "https://my.pivotal.app";
const key = process.env.PIVOTAL_API_KEY;

const post = async (path, body, idempotencyKey) => {
  const response = await fetch(`${base}/api/v1${path}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": "application/json",
      ...(idempotencyKey ? { "Idempotency-Key": idempotencyKey } : {}),
    },
    body: JSON.stringify(body),
  });
  const json = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${json.error.code}: ${json.error.message}`);
  return json;
};

const customer = await post(
  "/customers",
  { name: "Aurora Outfitters", slug: "aurora-demo", domain: "aurora-demo.com", status: "onboarding" },
  "first-customer-aurora-demo",
);
const contact = await post(`/customers/${customer.id}/contacts`, {
  name: "Mira Chen",
  email: "mira@aurora-demo.com",
  title: "Head of Ops",
  is_primary: true,
  labels: ["billing", "technical"],
});
const onboarding = await post(
  "/onboardings",
  {
    customer_id: String(customer.display_id),
    phase: "before_getting_started",
    state: "active",
    target_launch_date: "2026-07-15T00:00:00Z",
  },
  "first-customer-aurora-demo-onb",
);

console.log(`customer   #${customer.display_id} ${customer.id} ${customer.name} (${customer.slug})`);
console.log(`contact    #${contact.display_id} ${contact.id} ${contact.name} <${contact.email}>`);
console.log(`onboarding #${onboarding.display_id} ${onboarding.id} ${onboarding.phase}, ${onboarding.state}`);
console.log(`${base}/customers/${customer.display_id}-${customer.slug}`);
