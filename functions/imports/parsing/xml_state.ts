/** What the splitter is inside of at the end of a part. */
export type MarkupMode = "content" | "markup" | "comment" | "instruction" | "cdata";

/** An MMS whose end has not come yet: what is needed of its attributes, parts and addresses. */
export interface MmsDraft {
  position: string;
  attributes: Record<string, string>;
  texts: string[];
  attachments: string[];
  addresses: { address: string; type: string }[];
}

/** What must be kept of an XML file between two parts, beside the text of the tag that was cut. */
export interface XmlState {
  mode: MarkupMode;
  /** Names of the open elements, root first. */
  open: string[];
  has_root: boolean;
  mms: MmsDraft | null;
  /** Characters gathered in `mms`. */
  mms_size: number;
  /** The stray text since the last tag was reported already. */
  is_stray_reported: boolean;
}

/** The state before the first tag. */
export function openXml(): XmlState {
  return { mode: "content", open: [], has_root: false, mms: null, mms_size: 0, is_stray_reported: false };
}
