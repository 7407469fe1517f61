using AiFactory.Gateway.Oidc;
using AiFactory.Gateway.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests.Oidc;

public sealed class OidcSettingTests
{
    [Theory]
    [InlineData("Oidc:Authority", "login.example.com")]
    [InlineData("Oidc:Authority", "http://login.example.com")]
    [InlineData("Oidc:Authority", "https://login.example.com/?x=1")]
    [InlineData("Oidc:Authority", "")]
    [InlineData("Oidc:Audience", "")]
    [InlineData("Oidc:GroupsClaim", "")]
    [InlineData("Oidc:Groups:0:Group", " ")]
    [InlineData("Oidc:Groups:0:Project", "Not a name")]
    [InlineData("Oidc:Groups:0:Roles:0", null)]
    [InlineData("Oidc:Groups:0:Roles:0", "gateway")]
    [InlineData("Oidc:Groups:1:Group", "a-group")]
    [InlineData("Oidc:ClientId", "")]
    [InlineData("Oidc:Scope", "profile")]
    [InlineData("Oidc:Name", "a name of more than sixty characters, which no button has the room to show")]
    [InlineData("Console:PublicUrl", "ai.example.com/console")]
    [InlineData("Oidc:ClockSkew", "01:00:00")]
    [InlineData("Oidc:RefreshInterval", "00:00:00")]
    [InlineData("Oidc:UnknownKeyInterval", "00:00:00")]
    [InlineData("Oidc:Timeout", "00:00:00")]
    public void A_bad_setting_stops_the_start_with_a_sentence_that_names_it(string setting, string? value)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Oidc:Authority"] = "https://login.example.com";
        builder.Configuration["Oidc:Audience"] = "aifactory";
        builder.Configuration["Oidc:ClientId"] = "console";
        builder.Configuration["Oidc:ClientSecret"] = "a-secret";
        foreach (var (name, said) in new[] { ("Group", "a-group"), ("Project", "a-project"), ("Roles:0", "viewer") })
        {
            builder.Configuration[$"Oidc:Groups:0:{name}"] = said;
            builder.Configuration[setting.StartsWith("Oidc:Groups:1", StringComparison.Ordinal) ? $"Oidc:Groups:1:{name}" : "Oidc:None"] = said;
        }

        builder.Configuration[setting] = value;
        builder.Services.AddSessions().AddOidc(builder.Configuration);
        using var services = builder.Services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        refused.Message.ShouldContain($"{setting.Replace(":Roles:0", ":Roles").Replace(":1:Group", ":1")} ");
    }
}
