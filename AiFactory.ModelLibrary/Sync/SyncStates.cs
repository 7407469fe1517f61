namespace AiFactory.ModelLibrary.Sync;

internal static class SyncStates
{
    internal const string Queued = "queued";
    internal const string Running = "running";
    internal const string Succeeded = "succeeded";
    internal const string Failed = "failed";
}
