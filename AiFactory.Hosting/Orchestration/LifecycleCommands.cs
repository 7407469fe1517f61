using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

/// <summary>The commands that every resource with a process has: start, stop, restart.</summary>
internal static class LifecycleCommands
{
    public static void Add(IResource resource, ResourceHost host)
    {
        Add(KnownResourceCommands.StartCommand, "Start", "Play", IconVariant.Filled, highlighted: true, StartState, (id, token) => host.StartAsync(id, token));
        Add(KnownResourceCommands.StopCommand, "Stop", "Stop", IconVariant.Filled, highlighted: true, StopState, (id, token) => host.StopAsync(id, token));
        Add(KnownResourceCommands.RestartCommand, "Restart", "ArrowCounterclockwise", IconVariant.Regular, highlighted: false, RestartState, async (id, token) =>
        {
            await host.StopAsync(id, token);
            await host.StartAsync(id, token);
        });

        void Add(string name, string displayName, string icon, IconVariant variant, bool highlighted, Func<string?, ResourceCommandState> state, Func<string, CancellationToken, Task> run)
        {
            if (resource.Annotations.OfType<ResourceCommandAnnotation>().Any(c => c.Name == name))
            {
                return;
            }

            resource.Annotations.Add(new ResourceCommandAnnotation(
                name,
                displayName,
                context => state(context.ResourceSnapshot.State?.Text),
                async context =>
                {
                    await run(context.ResourceName, context.CancellationToken);
                    return CommandResults.Success();
                },
                displayDescription: $"{displayName} resource",
                parameter: null,
                confirmationMessage: null,
                icon,
                variant,
                highlighted));
        }
    }

    private static ResourceCommandState StartState(string? state)
        => IsStarting(state) ? ResourceCommandState.Disabled
            : IsStopped(state) || state == KnownResourceStates.Waiting ? ResourceCommandState.Enabled
            : ResourceCommandState.Hidden;

    private static ResourceCommandState StopState(string? state)
        => state == KnownResourceStates.Stopping ? ResourceCommandState.Disabled
            : IsStopped(state) || IsStarting(state) || state == KnownResourceStates.Waiting ? ResourceCommandState.Hidden
            : ResourceCommandState.Enabled;

    private static ResourceCommandState RestartState(string? state)
        => IsStarting(state) || IsStopped(state) || state == KnownResourceStates.Stopping || state == KnownResourceStates.Waiting
            ? ResourceCommandState.Disabled
            : ResourceCommandState.Enabled;

    private static bool IsStarting(string? state) => state == KnownResourceStates.Starting || string.IsNullOrEmpty(state);

    private static bool IsStopped(string? state)
        => state == KnownResourceStates.NotStarted || (state is not null && KnownResourceStates.TerminalStates.Contains(state));
}
