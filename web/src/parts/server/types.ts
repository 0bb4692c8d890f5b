// What the security server's administration answers, as far as pages use it.

export interface Client {
  id: string;
  instance_id: string;
  member_name?: string;
  member_class: string;
  member_code: string;
  subsystem_code?: string;
  subsystem_name?: string;
  owner: boolean;
  has_valid_local_sign_cert: boolean;
  is_management_services_provider: boolean;
  connection_type?: string;
  status?: string;
  rename_status?: string;
}

export interface Endpoint {
  id: string;
  service_code: string;
  method: string;
  path: string;
  generated: boolean;
}

export interface Service {
  id: string;
  full_service_code: string;
  service_code: string;
  title?: string;
  timeout: number;
  ssl_auth: boolean;
  subjects_count: number;
  url: string;
  endpoints: Endpoint[];
}

export interface Description {
  id: string;
  url: string;
  type: "WSDL" | "REST" | "OPENAPI3";
  disabled: boolean;
  disabled_notice: string;
  refreshed_at: string;
  services: Service[];
  client_id: string;
}

/** A subsystem or a group that may call something. */
export interface Subject {
  id: string;
  name?: string;
  local_group_code?: string;
  service_client_type: string;
  rights_given_at?: string;
}

export interface LocalGroup {
  id: string;
  code: string;
  description: string;
  member_count: number;
  updated_at: string;
  members: { id: string; name?: string }[];
}

export interface CertificateDetails {
  issuer_distinguished_name: string;
  issuer_common_name: string;
  subject_distinguished_name: string;
  subject_common_name: string;
  subject_alternative_names: string;
  not_before: string;
  not_after: string;
  serial: string;
  signature_algorithm: string;
  public_key_algorithm: string;
  key_usages: string[];
  hash: string;
}

export interface TokenCertificate {
  ocsp_status: string;
  owner_id: string;
  active: boolean;
  status: string;
  certificate_details: CertificateDetails;
  possible_actions: string[];
  renewed_cert_hash?: string;
  renewal_error?: string;
  next_automatic_renewal_time?: string;
  ocsp_verify_before_activation_error?: string;
}

export interface Csr {
  id: string;
  owner_id: string;
  possible_actions: string[];
}

export interface Key {
  id: string;
  name: string;
  label: string;
  usage?: "SIGNING" | "AUTHENTICATION";
  available: boolean;
  key_algorithm: string;
  certificates: TokenCertificate[];
  certificate_signing_requests: Csr[];
  possible_actions: string[];
}

export interface Token {
  id: string;
  name: string;
  type: "SOFTWARE" | "HARDWARE";
  keys: Key[];
  status: string;
  logged_in: boolean;
  available: boolean;
  possible_actions: string[];
}

/** "海風町 オープンデータ": what people call it. */
export function nameOf(c: Client): string {
  const part = c.subsystem_name || c.subsystem_code;
  return [c.member_name || c.member_code, part].filter(Boolean).join(" ");
}

/** The client that a service belongs to: its identifier without the last piece. */
export function clientOf(service: string): string {
  return service.slice(0, service.lastIndexOf(":"));
}
