using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.ServiceDefaults.Tests.Identity;

public sealed class RolePermissionsTests
{
    [Theory]
    [InlineData(Roles.Viewer, "audit.read deployments.read flows.read guardrails.read knowledge.read models.read projects.read threads.read upstreams.read usage.read workers.read")]
    [InlineData(Roles.Developer, "audit.read deployments.read flows.read flows.run flows.write guardrails.read inference.invoke keys.read keys.write knowledge.read knowledge.write models.read projects.read threads.read threads.write upstreams.read usage.read workers.read")]
    [InlineData(Roles.Approver, "audit.read deployments.read flows.read guardrails.read knowledge.read models.approve models.read projects.read threads.read upstreams.read usage.read workers.read")]
    [InlineData(Roles.Operator, "audit.read deployments.read deployments.write flows.read flows.run flows.write guardrails.read inference.invoke knowledge.read knowledge.write models.read models.write projects.read threads.read threads.write upstreams.read usage.read workers.read")]
    [InlineData(Roles.Admin, "audit.read deployments.read deployments.write flows.read flows.run flows.write guardrails.read guardrails.write inference.invoke keys.read keys.write knowledge.read knowledge.write limits.write models.approve models.read models.write projects.read projects.write threads.read threads.write upstreams.read upstreams.write usage.read workers.read")]
    [InlineData(Roles.Gateway, "rollouts.report snapshot.read")]
    [InlineData(Roles.Worker, "workers.heartbeat")]
    [InlineData("unheard-of", "")]
    public void A_role_gives_exactly_this(string role, string permissions) =>
        string.Join(' ', RolePermissions.For([role])).ShouldBe(permissions);

    [Fact]
    public void Roles_add_up() =>
        RolePermissions.For([Roles.Viewer, Roles.Approver, Roles.Viewer]).ShouldBe(RolePermissions.For([Roles.Approver]));
}
