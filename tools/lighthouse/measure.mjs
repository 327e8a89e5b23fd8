// Measures the storefront, or with ADMIN_EMAIL and ADMIN_PASSWORD the admin, with Lighthouse (mobile,
// simulated throttling) and prints a table: medians, and of performance and blocking time the best too,
// since a busy machine takes from it. Below it, what accessibility and best practices complain about.
// See README.md beside this file.

import puppeteer from "puppeteer-core";
import lighthouse from "lighthouse";

const [shop = "http://127.0.0.1:8000", runs = "3", only = ""] = process.argv.slice(2);

// Search results, the basket and the checkout are kept from search engines on purpose.
const PRIVATE = ["is-crawlable"];
const PAGES = [
  { name: "home", path: "/" },
  { name: "list", path: "/products" },
  { name: "product", path: "/products/tuesday-mug" },
  { name: "search", path: "/search?q=mug", skip: PRIVATE },
  { name: "basket", path: "/cart", skip: PRIVATE, prepare: fillBasket },
  { name: "checkout: details", path: "/checkout", skip: PRIVATE, prepare: fillBasket },
  { name: "checkout: payment", path: "/checkout/payment", skip: PRIVATE, prepare: fillDetails },
];
const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = process.env;
const ADMIN_PAGES = [
  { name: "home", path: "/admin" },
  { name: "products", path: "/admin/products" },
  { name: "product", path: firstOf("/admin/products?q=tuesday") },
  { name: "orders", path: "/admin/orders" },
  { name: "order", path: firstOf("/admin/orders") },
  { name: "customers", path: "/admin/customers" },
  { name: "inventory", path: "/admin/inventory" },
  { name: "reports", path: "/admin/reports" },
  { name: "report: sales", path: "/admin/reports/sales" },
  { name: "settings", path: "/admin/settings" },
  { name: "settings: shop", path: "/admin/settings/shop" },
  { name: "settings: delivery zone", path: firstOf("/admin/settings/zones") },
  { name: "settings: payments", path: "/admin/settings/payments" },
  { name: "settings: staff", path: "/admin/settings/staff" },
  { name: "settings: activity", path: "/admin/settings/activity" },
  { name: "theme", path: "/admin/theme" },
].map((each) => ({ ...each, skip: PRIVATE, prepare: signIn }));
const KINDS = { html: "document", css: "stylesheet", js: "script", fonts: "font", pictures: "image" };
const BUYER = {
  email: "ines@example.com",
  name: "Ines Rowan",
  line1: "14 Alder Row",
  postal_code: "LS6 2AB",
  city: "Leeds",
};

async function fillBasket(page) {
  await page.goto(`${shop}/products/tuesday-mug`);
  await page.click("[data-add-to-cart] [type=submit]");
  await page.waitForSelector("dialog#basket[open]");
}

async function fillDetails(page) {
  await fillBasket(page);
  await page.goto(`${shop}/checkout`);
  for (const [name, value] of Object.entries(BUYER)) await page.type(`[name="${name}"]`, value);
  await Promise.all([page.waitForNavigation(), page.$eval("[name=email]", (field) => field.form.requestSubmit())]);
}

async function signIn(page) {
  await page.goto(`${shop}/sign-in?next=/admin`);
  await page.type("[name=email]", email);
  await page.type("[name=password]", password);
  await Promise.all([page.waitForNavigation(), page.$eval("[name=password]", (field) => field.form.requestSubmit())]);
  if (!new URL(page.url()).pathname.startsWith("/admin")) throw new Error(`not signed in: ${page.url()}`);
}

// The page that the first row of a list leads to.
function firstOf(list) {
  return async (page) => {
    await page.goto(shop + list);
    return page.$eval("main tbody th a", (link) => new URL(link.href).pathname);
  };
}

// On a busy machine a trace may fail; then it is taken once more.
async function measure(page) {
  return measureOnce(page).catch(() => measureOnce(page));
}

async function measureOnce({ path, skip, prepare }) {
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--ignore-certificate-errors"],
  });
  try {
    const page = await browser.newPage();
    await prepare?.(page);
    const address = typeof path === "string" ? path : await path(page);
    const { lhr } = await lighthouse(shop + address, { skipAudits: skip }, undefined, page);
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
    return lhr;
  } finally {
    await browser.close();
  }
}

const score = (lhr, category) => Math.round(lhr.categories[category].score * 100);
const value = (lhr, audit) => lhr.audits[audit].numericValue;
const blocking = (lhr) => value(lhr, "total-blocking-time");
const best = (numbers) => Math.min(...numbers);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function kilobytes(lhr) {
  const items = lhr.audits["resource-summary"].details.items;
  const size = (type) => items.find((one) => one.resourceType === type)?.transferSize ?? 0;
  return [...Object.values(KINDS), "total"].map((type) => (size(type) / 1024).toFixed(1));
}

const heads = ["page", "perf.", "a11y", "best pr.", "SEO", "FCP", "LCP", "TBT", "CLS", ...Object.keys(KINDS), "total KiB"];
console.log(`| ${heads.join(" | ")} |\n|---${"|--:".repeat(heads.length - 1)}|`);
const complaints = [];
const marks = [];
for (const one of (email ? ADMIN_PAGES : PAGES).filter(({ name }) => name.includes(only))) {
  const found = [];
  for (let run = 0; run < Number(runs); run++) found.push(await measure(one));
  marks.push(...found.map((lhr) => lhr.environment.benchmarkIndex));
  const of = (read) => median(found.map(read));
  const cells = [
    one.name,
    `${of((lhr) => score(lhr, "performance"))} (${Math.max(...found.map((lhr) => score(lhr, "performance")))})`,
    ...["accessibility", "best-practices", "seo"].map((each) => of((lhr) => score(lhr, each))),
    ...["first-contentful-paint", "largest-contentful-paint"].map((each) => `${(of((lhr) => value(lhr, each)) / 1000).toFixed(2)} s`),
    `${Math.round(of(blocking))} (${Math.round(best(found.map(blocking)))}) ms`,
    of((lhr) => value(lhr, "cumulative-layout-shift")).toFixed(3),
    ...kilobytes(found.at(-1)),
  ];
  console.log(`| ${cells.join(" | ")} |`);
  for (const category of ["accessibility", "best-practices"]) {
    for (const { id, weight } of found.at(-1).categories[category].auditRefs) {
      const { score: given, title } = found.at(-1).audits[id];
      if (weight && given !== null && given < 1) complaints.push(`${one.name}: ${title}`);
    }
  }
}
// Lighthouse means its four times slower processor for machines of 1500 to 2000.
console.log(`\nThe machine's mark (benchmarkIndex): ${best(marks)} to ${Math.max(...marks)}, median ${median(marks)}`);
if (complaints.length) console.log(`\n${complaints.join("\n")}`);
