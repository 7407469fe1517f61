using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.ServiceDefaults.Tests.Identity;

public sealed class RolePermissionsTests
{
    [Theory]
    [InlineData(Roles.Viewer, "audit.read deployments.read models.read projects.read workers.read")]
    [InlineData(Roles.Developer, "audit.read deployments.read inference.invoke keys.read keys.write models.read projects.read workers.read")]
    [InlineData(Roles.Approver, "audit.read deployments.read models.approve models.read projects.read workers.read")]
    [InlineData(Roles.Operator, "audit.read deployments.read deployments.write inference.invoke models.read models.write projects.read workers.read")]
    [InlineData(Roles.Admin, "audit.read deployments.read deployments.write inference.invoke keys.read keys.write models.approve models.read models.write projects.read projects.write workers.read")]
    [InlineData(Roles.Gateway, "snapshot.read")]
    [InlineData(Roles.Worker, "workers.heartbeat")]
    [InlineData("unheard-of", "")]
    public void A_role_gives_exactly_this(string role, string permissions) =>
        string.Join(' ', RolePermissions.For([role])).ShouldBe(permissions);

    [Fact]
    public void Roles_add_up() =>
        RolePermissions.For([Roles.Viewer, Roles.Approver, Roles.Viewer]).ShouldBe(RolePermissions.For([Roles.Approver]));
}
