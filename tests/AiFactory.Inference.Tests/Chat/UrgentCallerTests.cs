using AiFactory.Contracts;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Generations;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Chat;

public sealed class UrgentCallerTests
{
    [Theory]
    [InlineData(Roles.Developer, -100, "", 0)]
    [InlineData(Roles.Developer, null, "critical", 0)]
    [InlineData(Roles.Developer, 7, "critical", 7)]
    [InlineData(Roles.Developer, null, "sheddable", 10)]
    [InlineData(Roles.Operator, -100, "", -100)]
    [InlineData(Roles.Operator, null, "critical", -10)]
    public void Only_who_runs_deployments_goes_before_all_others(string role, int? priority, string objective, int expected)
    {
        var http = new DefaultHttpContext { User = new(new InternalClaimsIdentity(InternalIdentity.WithRoles("key:1", "a", factoryWide: false, [role]), "test")) };
        http.Request.Headers[WireHeaders.Objective] = objective;

        new RequestTermsReader(Options.Create(new EngineOptions())).Read(http, priority, out var terms).ShouldBeNull();

        terms.Priority.ShouldBe(expected);
    }
}
