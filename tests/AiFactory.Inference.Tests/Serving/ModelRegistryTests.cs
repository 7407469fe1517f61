using AiFactory.Contracts.Workers;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Serving;

public sealed class ModelRegistryTests
{
    private static readonly Guid Shared = Guid.CreateVersion7();
    private static readonly InternalIdentity Ada = InternalIdentity.WithRoles("user:ada", "default", factoryWide: false, [Roles.Developer]);

    [Fact]
    public void Another_projects_deployment_is_found_only_by_a_caller_whom_the_gateway_let_use_it()
    {
        var registry = new ModelRegistry();
        registry.Set(
            new ModelAssignment(Shared, "other", "chat", "chat", 1, "chat", "key", "sha256:00", 1, null, null),
            new WorkerModelStatus(Shared, "sha256:00", "loading", null, null, null, null));

        registry.Find($"{Shared}", "chat", Ada).ShouldBeOfType<ModelLookup.Unknown>();
        registry.Find($"{Shared}", "chat", Ada with { Deployment = Guid.CreateVersion7() }).ShouldBeOfType<ModelLookup.Unknown>();
        registry.Find($"{Shared}", "chat", Ada with { Deployment = Shared }).ShouldBeOfType<ModelLookup.NotReady>();
        registry.Find($"{Shared}", "chat", Ada with { Project = "other" }).ShouldBeOfType<ModelLookup.NotReady>();
        registry.Find($"{Shared}", "chat", Ada with { FactoryWide = true }).ShouldBeOfType<ModelLookup.NotReady>();
    }
}
