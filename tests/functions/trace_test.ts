import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { continueTrace, traceparent } from "../../shared/monitoring/trace.ts";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT_ID = "00f067aa0ba902b7";

Deno.test("A valid traceparent is gone on with, under a span of one's own", () => {
  for (
    const header of [
      `00-${TRACE_ID}-${PARENT_ID}-01`,
      `cc-${TRACE_ID}-${PARENT_ID}-01-what-the-future-will-be-like`,
    ]
  ) {
    const trace = continueTrace(header);
    assertEquals([trace.trace_id, trace.parent_id, trace.flags], [TRACE_ID, PARENT_ID, "01"]);
    assertNotEquals(trace.span_id, PARENT_ID);
    assertEquals(traceparent(trace), `00-${TRACE_ID}-${trace.span_id}-01`);
  }
});

Deno.test("What is no traceparent begins a new trace, and is not sent on", () => {
  const refused = [
    undefined,
    "",
    `ff-${TRACE_ID}-${PARENT_ID}-01`,
    `00-${"0".repeat(32)}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${"0".repeat(16)}-01`,
    `00-${TRACE_ID.toUpperCase()}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${PARENT_ID}-01-more`,
    `00-${TRACE_ID}-${PARENT_ID}`,
    `00-${TRACE_ID.slice(1)}-${PARENT_ID}-01`,
    ` 00-${TRACE_ID}-${PARENT_ID}-01\n`,
  ];
  const begun = refused.map((header) => ({ header, trace: continueTrace(header) }));
  for (const { header, trace } of begun) {
    assertMatch(traceparent(trace), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assertEquals([header, trace.parent_id], [header, null]);
    assert(trace.trace_id !== TRACE_ID && !/^0+$/.test(trace.trace_id));
  }
  assertEquals(new Set(begun.map(({ trace }) => trace.trace_id)).size, refused.length);
});
