namespace AiFactory.Contracts.Library;

/// <summary>The life of a model version: discovered, copied, scanned, then refused or waiting, then decided. An approval may be revoked, and what is revoked approved again.</summary>
public static class ModelVersionStates
{
    public const string Discovered = "discovered";
    public const string Scanning = "scanning";
    public const string Quarantined = "quarantined";
    public const string PendingApproval = "pending-approval";
    public const string Approved = "approved";
    public const string Rejected = "rejected";
    public const string Failed = "failed";
    public const string Revoked = "revoked";
}
