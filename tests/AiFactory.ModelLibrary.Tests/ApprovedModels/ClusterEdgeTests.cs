using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AiFactory.ModelLibrary.Tests.Edges.Kubernetes;
using AiFactory.Testing.Kubernetes;

namespace AiFactory.ModelLibrary.Tests.ApprovedModels;

/// <summary>The played API server refuses what a real one refuses, or the tests against it would say nothing.</summary>
public sealed class ClusterEdgeTests
{
    private const string Path = $"/apis/aifactory.dev/v1alpha1/namespaces/{ClusterEdge.Place}/approvedmodels/a";

    private const string Spec = """
        { "project": "bank", "model": "m", "version": 1, "tag": "latest", "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "sizeBytes": 1,
          "task": "chat", "format": "gguf", "architecture": "llama", "quantization": "", "parameters": 1, "contextLength": 1, "license": "" }
        """;

    private const string Status = """{ "state": "Approved", "observedGeneration": 1, "conditions": [] }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spec_and_status_have_a_route_each_and_the_generation_counts_specs()
    {
        await using var cluster = await StartAsync();
        (await ApplyAsync(cluster, "/status", $"\"status\": {Status}")).Code.ShouldBe(404);
        var made = await ApplyAsync(cluster, "", $"\"spec\": {Spec}, \"status\": {Status}");
        (made.Code, made.Answer.Text("metadata.generation"), made.Answer.At("status")).ShouldBe((201, "1", null));

        var said = await ApplyAsync(cluster, "/status", $"\"spec\": {Spec.Replace("latest", "other", StringComparison.Ordinal)}, \"status\": {Status}");
        (said.Code, said.Answer.Text("status.state"), said.Answer.Text("spec.tag"), said.Answer.Text("metadata.generation")).ShouldBe((200, "Approved", "latest", "1"));

        var again = await ApplyAsync(cluster, "", $"\"spec\": {Spec}");
        again.Answer.Text("metadata.resourceVersion").ShouldBe(said.Answer.Text("metadata.resourceVersion"), "nothing has changed");
        var changed = await ApplyAsync(cluster, "", $"\"spec\": {Spec.Replace("latest", "other", StringComparison.Ordinal)}");
        (changed.Answer.Text("metadata.generation"), changed.Answer.Text("status.state")).ShouldBe(("2", "Approved"));
    }

    [Fact]
    public async Task Another_s_field_is_a_conflict_without_force_and_one_s_own_that_is_applied_no_more_goes()
    {
        await using var cluster = await StartAsync();
        await ApplyAsync(cluster, "", $"\"spec\": {Spec}");
        cluster.Edit("a", each => each["spec"]!["tag"] = "edited"); // it was just applied
        (await ApplyAsync(cluster, "", $"\"spec\": {Spec}", force: false)).ShouldSatisfyAllConditions(
            refused => refused.Code.ShouldBe(409), refused => refused.Answer.Text("message").ShouldContain(".spec.tag"));
        (await ApplyAsync(cluster, "", $"\"spec\": {Spec}")).Answer.Text("spec.tag").ShouldBe("latest");
        cluster.OwnersOf("a", ".spec.tag").ShouldBe(["test spec"]);
        (await ApplyAsync(cluster, "", "\"spec\": { \"project\": \"bank\" }")).ShouldSatisfyAllConditions(
            refused => refused.Code.ShouldBe(422), refused => refused.Answer.Text("message").ShouldContain("'tag' is missing"));
    }

    [Theory]
    [InlineData("\"spec\": { \"models\": 1 }", 400, "unknown field 'models'")]
    [InlineData("\"spec\": { \"digest\": \"md5:0\" }", 422, "digest")]
    public async Task What_is_no_object_of_the_kind_is_refused(string part, int code, string why)
    {
        await using var cluster = await StartAsync();
        var refused = await ApplyAsync(cluster, "", part);
        (refused.Code, refused.Answer.Kind()).ShouldBe((code, "Status"));
        refused.Answer.Text("message").ShouldContain(why);
    }

    [Fact]
    public async Task Whoever_has_no_token_or_no_right_is_refused()
    {
        await using var cluster = await StartAsync();
        (await ApplyAsync(cluster, "", $"\"spec\": {Spec}", token: "other")).Code.ShouldBe(401);
        cluster.Rights.Order(StringComparer.Ordinal).ShouldBe(["create approvedmodels", "delete approvedmodels", "list approvedmodels", "patch approvedmodels", "patch approvedmodels/status"]);
        cluster.Rights.Remove("create approvedmodels");
        (await ApplyAsync(cluster, "", $"\"spec\": {Spec}")).Answer.Text("message").ShouldContain("cannot create resource \"approvedmodels\"");
    }

    private static async Task<ClusterEdge> StartAsync()
    {
        var cluster = new ClusterEdge();
        await cluster.StartAsync();
        return cluster;
    }

    private static async Task<(int Code, JsonObject Answer)> ApplyAsync(ClusterEdge cluster, string route, string parts, bool force = true, string? token = null)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true }; // of the played server alone
        using var client = new HttpClient(handler) { BaseAddress = cluster.Address };
        var body = $"{{ \"apiVersion\": \"aifactory.dev/v1alpha1\", \"kind\": \"ApprovedModel\", \"metadata\": {{ \"name\": \"a\" }}, {parts} }}";
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Path}{route}?fieldManager=test&fieldValidation=Strict&force={(force ? "true" : "false")}")
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/apply-patch+yaml")),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? cluster.Token);
        using var response = await client.SendAsync(request, Token);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))?.AsObject() ?? []);
    }
}
