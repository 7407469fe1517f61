using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Tests.Identity;

public sealed class ProjectIdentityKeyTests
{
    private const string Factory = "an-identity-key-for-tests-of-32-bytes-or-more";

    /// <summary>What <c>printf %s/%s "$key" ai-project-default | sha256sum | cut -c1-64 | tr -d '\n' | sha256sum</c> says: the documentation has that line.</summary>
    [Fact]
    public void The_shell_derives_the_same() =>
        ProjectIdentityKey.Derive(Factory, "ai-project-default").ShouldBe("a4f08f7d37a5512b07f027d5efe53caf7711c89bd16459ea1695123b6143a8f3");

    [Fact]
    public void A_projects_key_signs_for_that_project_alone()
    {
        var (factory, one, two) = (With(Factory), With(ProjectIdentityKey.Derive(Factory, "ai-project-one")), With(ProjectIdentityKey.Derive(Factory, "ai-project-two")));
        var token = one.Issue(InternalIdentity.WithRoles("user:eve", null, factoryWide: true, [Roles.Admin]));

        one.TryVerify(token, out _).ShouldBeTrue();
        two.TryVerify(token, out _).ShouldBeFalse();
        factory.TryVerify(token, out _).ShouldBeFalse();
    }

    private static IdentityTokens With(string key) => new(Options.Create(new IdentityOptions { Key = key }), TimeProvider.System);
}
