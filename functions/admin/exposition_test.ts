import { assertEquals, assertThrows } from "@std/assert";
import { type MetricFamily, RequestMetrics } from "../../shared/monitoring/request_metrics.ts";
import { readMetrics } from "../../tests/helpers/metrics.ts";
import { chooseFormat, expose } from "./exposition.ts";

const AWKWARD = 'a "quoted" back\\slash\nand a new line, {braces} é';

const families: MetricFamily[] = [
  {
    name: "things_total",
    type: "counter",
    help: `Things\nof ${AWKWARD}`,
    samples: [{ labels: { name: AWKWARD, other: "" }, value: 1e21 }],
  },
  { name: "nothing", type: "gauge", help: "Without a value", samples: [] },
  { name: "level", type: "gauge", help: "Level", samples: [{ labels: {}, value: -0.5 }] },
];

Deno.test("What is written can be read back, whatever the labels are", () => {
  for (const format of ["prometheus", "openmetrics"] as const) {
    const read = readMetrics(expose(families, format));
    assertEquals(read.get("things_total", { name: AWKWARD, other: "" }), 1e21);
    assertEquals(read.get("level"), -0.5);
    assertEquals([...read.families.keys()], [format === "prometheus" ? "things_total" : "things", "level"]);
  }
  assertEquals(expose(families, "openmetrics").split("\n").slice(-2), ["# EOF", ""]);
  assertEquals(expose([], "prometheus"), "");
});

Deno.test("The format is the older one unless the newer is asked for", () => {
  assertEquals(
    [undefined, "*/*", "text/plain", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2"].map(
      chooseFormat,
    ),
    ["prometheus", "prometheus", "prometheus", "openmetrics"],
  );
});

Deno.test("Requests are counted by route and status, and by how long they took", () => {
  const metrics = new RequestMetrics();
  const route = { surface: "events", method: "GET", route: "/events/:id" };
  for (const ms of [1, 5, 5.1, 800, 99_000]) {
    metrics.observe({ ...route, status: 200, ms, database_ms: ms / 2 });
  }
  metrics.observe({ ...route, status: 404, ms: 2, database_ms: 0 });
  metrics.observe({ ...route, method: "DELETE", status: 200, ms: 2, database_ms: 0 });

  const read = readMetrics(expose(metrics.families(), "prometheus"));
  assertEquals(read.get("phonelog_http_requests_total", { ...route, status: "200" }), 5);
  assertEquals(read.get("phonelog_http_requests_total", { ...route, status: "404" }), 1);
  assertEquals(read.get("phonelog_http_requests_total", { ...route, method: "DELETE", status: "200" }), 1);
  const bucket = (le: string) => read.get("phonelog_http_request_duration_seconds_bucket", { ...route, le });
  assertEquals(["0.005", "0.01", "0.5", "1", "10", "+Inf"].map(bucket), [3, 4, 4, 5, 5, 6]);
  assertEquals(read.get("phonelog_http_request_duration_seconds_count", route), 6);
  assertEquals(read.get("phonelog_http_request_duration_seconds_sum", route)?.toFixed(4), "99.8131");
  assertEquals(read.get("phonelog_http_database_seconds_total", route)?.toFixed(5), "49.90555");
});

Deno.test("The reader that judges the format refuses what is wrong", () => {
  const good = "# HELP a_total x\n# TYPE a_total counter\na_total 1\n";
  assertEquals(readMetrics(good).get("a_total"), 1);
  const bad = [
    "a_total 1\n",
    good.trimEnd(),
    `${good}a_total 2\n`,
    `${good}b 1\n`,
    `${good}a_total{x=1} 1\n`,
    `${good}a_total{x="1"y="2"} 1\n`,
    `${good}a_total{x="1",x="2"} 1\n`,
    `${good}a_total{x="1\\q"} 1\n`,
    `${good}${good}`,
    good.replace("counter", "number"),
    good.replace("a_total 1", "a_total one"),
    '# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    '# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n',
  ];
  for (const text of bad) assertThrows(() => readMetrics(text), Error, "", text);
});
