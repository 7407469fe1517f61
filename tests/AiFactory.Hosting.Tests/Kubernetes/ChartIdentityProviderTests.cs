using System.Text.Json.Nodes;
using AiFactory.Testing;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>What an installation says of its identity provider reaches the gateway, and no other.</summary>
public sealed class ChartIdentityProviderTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    private const string Complete = "authority: 'https://login.example.com', audience: ai, clientId: console, groups: [{ group: ml, project: default, roles: [viewer] }], cidrs: [203.0.113.30/32]";

    [Fact]
    public async Task Without_an_identity_provider_nothing_says_a_word_of_one()
    {
        var manifests = await chart.RenderAsync();

        manifests.SelectMany(Settings).ShouldNotContain(setting => setting.StartsWith("Oidc__"));
        manifests.ShouldNotContain(manifest => manifest.Name() == "gateway-to-identity-provider");
    }

    [Fact]
    public async Task The_gateway_is_told_of_it_and_has_the_clients_secret_by_reference()
    {
        var manifests = await chart.RenderAsync(ChangedValues.Yaml);

        manifests.Where(manifest => Settings(manifest).Any()).Select(manifest => manifest.Name()).ShouldBe(["gateway"]);
        Settings(manifests.Single(manifest => manifest.Kind() == "Deployment" && manifest.Name() == "gateway")).ShouldBe(
            [
                "Oidc__Audience=acme-ai", "Oidc__Authority=https://login.acme.example:8443/realms/acme", "Oidc__ClientId=console", "Oidc__GroupsClaim=groups", "Oidc__Name=Acme ID",
                "Oidc__Scope=openid profile email",
                "Oidc__Groups__0__Group=ml", "Oidc__Groups__0__Project=*", "Oidc__Groups__0__Roles__0=admin", "Oidc__Groups__0__Roles__1=approver",
                "Oidc__Groups__1__Group=app $$(HOME)", "Oidc__Groups__1__Project=team-a", "Oidc__Groups__1__Roles__0=developer",
                "Oidc__ClientSecret=Secret acme-oidc, password", "Console__PublicUrl=https://ai.acme.example",
            ]);
    }

    [Fact]
    public async Task Each_of_its_settings_is_one_that_the_gateway_has()
    {
        var manifests = await chart.RenderAsync(ChangedValues.Yaml);
        var options = await Task.WhenAll(((string[])["Oidc/OidcOptions.cs", "Oidc/OidcGroup.cs", "Sessions/ConsoleOptions.cs"])
            .Select(file => File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "AiFactory.Gateway", file), TestContext.Current.CancellationToken)));

        foreach (var name in manifests.SelectMany(Settings).Select(setting => setting.Split('=')[0].Split("__").Last(part => !part.All(char.IsAsciiDigit))).Distinct())
        {
            options.ShouldContain(text => text.Contains($" {name} {{ get; set; }}", StringComparison.Ordinal), name);
        }
    }

    [Fact]
    public async Task The_gateway_is_told_where_browsers_find_it()
    {
        // Images have that address too, whoever asks for them, and whether or not people sign in there.
        (await SettingsAsync("{}")).ShouldBe(["Console__PublicUrl=https://aifactory.example.com"]);
        (await SettingsAsync("ingress: { enabled: false }")).ShouldBeEmpty();
        (await SettingsAsync($"{{ oidc: {{ {Complete} }}, ingress: {{ enabled: false }}, console: {{ publicUrl: 'https://door.example.com' }} }}")).ShouldContain("Console__PublicUrl=https://door.example.com");
        (await SettingsAsync("console: { publicUrl: 'https://door.example.com' }")).ShouldBe(["Console__PublicUrl=https://door.example.com"]);
    }

    [Theory]
    [InlineData("oidc: { clientId: console }", "oidc.authority is empty, but other values of the identity provider are not")]
    [InlineData("secrets: { oidc: { existingSecret: mine } }", "oidc.authority is empty, but other values of the identity provider are not")]
    [InlineData("oidc: { authority: 'https://login.example.com' }", "oidc.audience names whom a token must be for")]
    [InlineData("oidc: { authority: 'https://login.example.com', audience: ai }", "oidc.groups says what each group may do")]
    [InlineData("oidc: { authority: 'https://login.example.com', audience: ai, groups: [{ group: ml, project: '*', roles: [admin] }] }", "oidc.cidrs names the addresses of login.example.com, for example [203.0.113.30/32]")]
    [InlineData("{ oidc: { " + Complete + " }, ingress: { enabled: false } }", "console.publicUrl says where browsers find the console when oidc.clientId is set and ingress.enabled is false")]
    [InlineData("{ oidc: { authority: 'https://login.example.com', audience: ai, groups: [{ group: ml, project: '*', roles: [admin] }] }, secrets: { oidc: { existingSecret: mine } } }", "oidc.clientId names the console's client at the identity provider when secrets.oidc.existingSecret is set")]
    public async Task What_is_missing_is_said_in_a_sentence(string values, string sentence)
    {
        var (code, _, error) = await chart.TemplateAsync(values);

        code.ShouldNotBe(0);
        error.ShouldContain(sentence);
    }

    [Fact]
    public async Task The_notes_say_what_the_provider_must_know_and_which_secret_must_be_there()
    {
        var values = await chart.ValuesAsync($"{{ oidc: {{ {Complete} }}, secrets: {{ oidc: {{ existingSecret: mine }} }} }}");

        var (code, output, error) = await chart.HelmAsync(["install", "ai", chart.Folder, "--dry-run=client", .. values]);

        code.ShouldBe(0, error);
        var notes = output[output.IndexOf("NOTES:", StringComparison.Ordinal)..];
        notes.ShouldContain("  https://aifactory.example.com/api/session/oidc/callback\n");
        notes.ShouldContain("Secret \"mine\" with client-secret must be in ai-gateway");
    }

    private async Task<IReadOnlyList<string>> SettingsAsync(string values) => [.. (await chart.RenderAsync(values)).SelectMany(Settings)];

    private static IEnumerable<string> Settings(JsonObject manifest) =>
        from container in manifest.Pod().At("containers").Items()
        from variable in container.At("env").Items()
        let name = variable.Text("name")
        where name.StartsWith("Oidc__", StringComparison.Ordinal) || name == "Console__PublicUrl"
        let secret = variable.At("valueFrom.secretKeyRef")
        select secret is null ? $"{name}={variable.Text("value")}" : $"{name}=Secret {secret.Text("name")}, {secret.Text("key")}";
}
