namespace AiFactory.ModelLibrary.Workers;

internal static class WorkerStates
{
    internal const string Ready = "ready";
    internal const string Draining = "draining";
    internal const string Lost = "lost";
}
