namespace AiFactory.ModelLibrary.Models;

/// <summary>The steps of a version's way through the gate, and how each can end.</summary>
internal static class EvidenceStages
{
    internal const string Discovered = "discovered";
    internal const string Copied = "copied";
    internal const string Scanned = "scanned";
    internal const string Policy = "policy";
    internal const string Approval = "approval";
    internal const string Deployed = "deployed";
    internal const string Revocation = "revocation";

    internal const string Passed = "passed";
    internal const string Failed = "failed";
    internal const string Approved = "approved";
    internal const string Rejected = "rejected";
    internal const string Revoked = "revoked";
}
