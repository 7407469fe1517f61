using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

internal static class ReplicaState
{
    public static ResourceStateSnapshot Of(string state) => new(state, Style(state));

    private static string? Style(string state)
        => state == KnownResourceStates.Running ? KnownResourceStateStyles.Success
            : state == KnownResourceStates.FailedToStart ? KnownResourceStateStyles.Error
            : state == KnownResourceStates.Restarting ? KnownResourceStateStyles.Warn
            : state == KnownResourceStates.Waiting || state == KnownResourceStates.NotStarted || state == KnownResourceStates.Starting ? KnownResourceStateStyles.Info
            : null;
}
