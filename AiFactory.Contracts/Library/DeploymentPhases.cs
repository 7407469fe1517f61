namespace AiFactory.Contracts.Library;

/// <summary>pending (no worker yet), progressing, ready, degraded (fewer than desired), failed, stopped (0 desired), revoked (its model version is, and runs nowhere).</summary>
public static class DeploymentPhases
{
    public const string Pending = "pending";
    public const string Progressing = "progressing";
    public const string Ready = "ready";
    public const string Degraded = "degraded";
    public const string Failed = "failed";
    public const string Stopped = "stopped";
    public const string Revoked = "revoked";
}
