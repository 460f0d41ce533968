export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "contact_numbers": {
        Row: {
          "contact_id": string;
          "created_at": string;
          "number": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "contact_id": string;
          "created_at"?: string;
          "number": string;
          "user_id": string;
        };
        Update: {
          "contact_id"?: string;
          "created_at"?: string;
          "number"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "contact_numbers_user_id_contact_id_fkey";
            columns: ["user_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      "contacts": {
        Row: {
          "also_known_as": (string)[];
          "company": string | null;
          "created_at": string;
          "id": string;
          "name": string | null;
          "name_source": string | null;
          "notes": string | null;
          "tags": (string)[];
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "also_known_as"?: (string)[];
          "company"?: string | null;
          "created_at"?: string;
          "id"?: string;
          "name"?: string | null;
          "name_source"?: string | null;
          "notes"?: string | null;
          "tags"?: (string)[];
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "also_known_as"?: (string)[];
          "company"?: string | null;
          "created_at"?: string;
          "id"?: string;
          "name"?: string | null;
          "name_source"?: string | null;
          "notes"?: string | null;
          "tags"?: (string)[];
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "contacts_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["user_id"];
          },
        ];
      };
      "coverage": {
        Row: {
          "covered": unknown;
          "sync_source_id": string;
          "type": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "covered": unknown;
          "sync_source_id": string;
          "type": string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "covered"?: unknown;
          "sync_source_id"?: string;
          "type"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "coverage_user_id_sync_source_id_fkey";
            columns: ["user_id", "sync_source_id"];
            isOneToOne: false;
            referencedRelation: "sync_sources";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      "events": {
        Row: {
          "contact_id": string | null;
          "content": string | null;
          "created_at": string;
          "direction": string;
          "duration": number | null;
          "fingerprint": string;
          "id": string;
          "line_id": string | null;
          "metadata": NonNullable<Json>;
          "number": string | null;
          "source": string;
          "source_id": string | null;
          "sources": (string)[];
          "status": string | null;
          "ts": string;
          "type": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "contact_id"?: string | null;
          "content"?: string | null;
          "created_at"?: string;
          "direction": string;
          "duration"?: number | null;
          "fingerprint": string;
          "id"?: string;
          "line_id"?: string | null;
          "metadata"?: NonNullable<Json>;
          "number"?: string | null;
          "source": string;
          "source_id"?: string | null;
          "sources": (string)[];
          "status"?: string | null;
          "ts": string;
          "type": string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "contact_id"?: string | null;
          "content"?: string | null;
          "created_at"?: string;
          "direction"?: string;
          "duration"?: number | null;
          "fingerprint"?: string;
          "id"?: string;
          "line_id"?: string | null;
          "metadata"?: NonNullable<Json>;
          "number"?: string | null;
          "source"?: string;
          "source_id"?: string | null;
          "sources"?: (string)[];
          "status"?: string | null;
          "ts"?: string;
          "type"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "events_user_id_contact_id_fkey";
            columns: ["user_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "events_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "events_user_id_line_id_fkey";
            columns: ["user_id", "line_id"];
            isOneToOne: false;
            referencedRelation: "lines";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      "idempotency_keys": {
        Row: {
          "created_at": string;
          "key": string;
          "request_hash": string;
          "response": string | null;
          "status": number | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "key": string;
          "request_hash": string;
          "response"?: string | null;
          "status"?: number | null;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "key"?: string;
          "request_hash"?: string;
          "response"?: string | null;
          "status"?: number | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "idempotency_keys_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["user_id"];
          },
        ];
      };
      "imports": {
        Row: {
          "bytes": number | null;
          "bytes_read": number;
          "created_at": string;
          "declared": number | null;
          "duplicate": number;
          "errors": NonNullable<Json>;
          "filename": string | null;
          "finished_at": string | null;
          "found": number;
          "id": string;
          "inserted": number;
          "kind": string | null;
          "last_part_digest": string | null;
          "merged": number;
          "next_part": number;
          "options": NonNullable<Json>;
          "parser": Json | null;
          "refused": number;
          "state": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "bytes"?: number | null;
          "bytes_read"?: number;
          "created_at"?: string;
          "declared"?: number | null;
          "duplicate"?: number;
          "errors"?: NonNullable<Json>;
          "filename"?: string | null;
          "finished_at"?: string | null;
          "found"?: number;
          "id"?: string;
          "inserted"?: number;
          "kind"?: string | null;
          "last_part_digest"?: string | null;
          "merged"?: number;
          "next_part"?: number;
          "options"?: NonNullable<Json>;
          "parser"?: Json | null;
          "refused"?: number;
          "state"?: string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "bytes"?: number | null;
          "bytes_read"?: number;
          "created_at"?: string;
          "declared"?: number | null;
          "duplicate"?: number;
          "errors"?: NonNullable<Json>;
          "filename"?: string | null;
          "finished_at"?: string | null;
          "found"?: number;
          "id"?: string;
          "inserted"?: number;
          "kind"?: string | null;
          "last_part_digest"?: string | null;
          "merged"?: number;
          "next_part"?: number;
          "options"?: NonNullable<Json>;
          "parser"?: Json | null;
          "refused"?: number;
          "state"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "imports_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["user_id"];
          },
        ];
      };
      "lines": {
        Row: {
          "created_at": string;
          "id": string;
          "kind": string;
          "name": string;
          "number": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "kind"?: string;
          "name": string;
          "number"?: string | null;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "kind"?: string;
          "name"?: string;
          "number"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "lines_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["user_id"];
          },
        ];
      };
      "org_members": {
        Row: {
          "joined_at": string;
          "organization_id": string;
          "role": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "joined_at"?: string;
          "organization_id": string;
          "role": string;
          "user_id": string;
        };
        Update: {
          "joined_at"?: string;
          "organization_id"?: string;
          "role"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "org_members_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "org_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["user_id"];
          },
        ];
      };
      "organizations": {
        Row: {
          "created_at": string;
          "id": string;
          "name": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "name": string;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "name"?: string;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "privacy_rules": {
        Row: {
          "contact_id": string;
          "created_at": string;
          "mask_content": boolean;
          "mask_number": boolean;
          "updated_at": string;
          "user_id": string;
          "visibility": string;
        };
        ComputedFields: never;
        Insert: {
          "contact_id": string;
          "created_at"?: string;
          "mask_content"?: boolean;
          "mask_number"?: boolean;
          "updated_at"?: string;
          "user_id": string;
          "visibility"?: string;
        };
        Update: {
          "contact_id"?: string;
          "created_at"?: string;
          "mask_content"?: boolean;
          "mask_number"?: boolean;
          "updated_at"?: string;
          "user_id"?: string;
          "visibility"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "privacy_rules_user_id_contact_id_fkey";
            columns: ["user_id", "contact_id"];
            isOneToOne: true;
            referencedRelation: "contacts";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      "profiles": {
        Row: {
          "created_at": string;
          "default_region": string;
          "display_name": string | null;
          "locale": string;
          "time_zone": string;
          "updated_at": string;
          "user_id": string;
          "week_start": number;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "default_region"?: string;
          "display_name"?: string | null;
          "locale"?: string;
          "time_zone"?: string;
          "updated_at"?: string;
          "user_id": string;
          "week_start"?: number;
        };
        Update: {
          "created_at"?: string;
          "default_region"?: string;
          "display_name"?: string | null;
          "locale"?: string;
          "time_zone"?: string;
          "updated_at"?: string;
          "user_id"?: string;
          "week_start"?: number;
        };
        Relationships: [];
      };
      "sync_sources": {
        Row: {
          "clock_drift_seconds": number | null;
          "created_at": string;
          "errors": NonNullable<Json>;
          "id": string;
          "kind": string;
          "last_event_at": string | null;
          "last_ingest_at": string | null;
          "last_report_at": string | null;
          "name": string;
          "queue_depth": number | null;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "clock_drift_seconds"?: number | null;
          "created_at"?: string;
          "errors"?: NonNullable<Json>;
          "id"?: string;
          "kind": string;
          "last_event_at"?: string | null;
          "last_ingest_at"?: string | null;
          "last_report_at"?: string | null;
          "name"?: string;
          "queue_depth"?: number | null;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "clock_drift_seconds"?: number | null;
          "created_at"?: string;
          "errors"?: NonNullable<Json>;
          "id"?: string;
          "kind"?: string;
          "last_event_at"?: string | null;
          "last_ingest_at"?: string | null;
          "last_report_at"?: string | null;
          "name"?: string;
          "queue_depth"?: number | null;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "sync_sources_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["user_id"];
          },
        ];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      "advance_import": {
        Args: { "import_id": string; "part": number; "part_digest": string; "result": Json };
        Returns: Json;
      };
      "analyze_sync_health": { Args: Record<PropertyKey, never>; Returns: Json };
      "begin_import_part": {
        Args: { "import_id": string; "part": number; "part_digest": string };
        Returns: Json;
      };
      "claim_idempotency_key": { Args: { "key": string; "request_hash": string }; Returns: Json };
      "create_organization": { Args: { "name": string }; Returns: string };
      "delete_event": { Args: { "event_id": string }; Returns: undefined };
      "get_contact": { Args: { "contact_id": string }; Returns: Json };
      "get_contacts": {
        Args: {
          "backward"?: boolean;
          "cursor_id"?: string;
          "cursor_name"?: string;
          "max_rows"?: number;
          "q"?: string;
          "tag"?: string;
        };
        Returns: Json;
      };
      "get_coverage": { Args: Record<PropertyKey, never>; Returns: Json };
      "get_dashboard_metrics": {
        Args: {
          "compare"?: string;
          "from"?: string;
          "granularity"?: string;
          "time_zone"?: string;
          "to"?: string;
          "user_id"?: string;
        };
        Returns: Json;
      };
      "get_event": { Args: { "event_id": string }; Returns: Json };
      "get_filtered_events": {
        Args: {
          "backward"?: boolean;
          "contact_id"?: string;
          "cursor_id"?: string;
          "cursor_ts"?: string;
          "direction"?: string;
          "from"?: string;
          "line_id"?: string;
          "max_duration"?: number;
          "max_rows"?: number;
          "min_duration"?: number;
          "number"?: string;
          "sort"?: string;
          "source"?: string;
          "status"?: string;
          "to"?: string;
          "type"?: string;
          "updated_since"?: string;
          "user_id"?: string;
        };
        Returns: Json;
      };
      "get_imports": {
        Args: { "backward"?: boolean; "cursor_id"?: string; "import_id"?: string; "max_rows"?: number };
        Returns: Json;
      };
      "get_profile": { Args: Record<PropertyKey, never>; Returns: Json };
      "ingest_events": {
        Args: { "coverage"?: Json; "events": Json; "source"?: string; "source_name"?: string };
        Returns: Json;
      };
      "map_import": { Args: { "import_id": string; "options": Json }; Returns: Json };
      "open_import": {
        Args: { "bytes"?: number; "filename"?: string; "kind"?: string; "options"?: Json };
        Returns: Json;
      };
      "report_sync": { Args: { "report": Json }; Returns: undefined };
      "settle_idempotency_key": {
        Args: { "key": string; "response": string; "status": number };
        Returns: undefined;
      };
      "update_contact": { Args: { "changes": Json; "contact_id": string }; Returns: Json };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Insert: infer I;
  } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Update: infer U;
  } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
