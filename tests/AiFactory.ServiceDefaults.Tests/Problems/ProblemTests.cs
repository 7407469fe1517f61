using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Tests.Problems;

public sealed class ProblemTests : IAsyncLifetime
{
    private TestService _service = null!; // InitializeAsync runs before each test.

    public async ValueTask InitializeAsync() => _service = await TestService.StartAsync(app =>
    {
        app.MapGet("/missing", () => ServiceDefaults.Problems.Problems.NotFound("deployment", "demo")).AllowAnonymous();
        app.MapGet("/invalid", () => ServiceDefaults.Problems.Problems.Validation("$.replicas", "Replicas are 0 to 64.")).AllowAnonymous();
        app.MapGet("/throws", string () => throw new InvalidOperationException("password=hunter2")).AllowAnonymous();
        app.MapGet("/starts", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            throw new InvalidOperationException("late");
        }).AllowAnonymous();
        app.MapPost("/orders", (Order order) => order.Count).AllowAnonymous();
        app.MapGet("/orders/{id:int}", (int id, int page) => id + page).AllowAnonymous();
    });

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task What_is_missing_is_named()
    {
        var problem = await GetAsync("/missing", HttpStatusCode.NotFound);

        Text(problem, "type").ShouldBe(ProblemTypes.NotFound);
        Text(problem, "detail").ShouldBe("There is no deployment 'demo'.");
        Text(problem, "requestId").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_validation_problem_lists_its_fields()
    {
        var problem = await GetAsync("/invalid", HttpStatusCode.BadRequest);

        Text(problem, "type").ShouldBe(ProblemTypes.Validation);
        problem["errors"]!["$.replicas"]![0]!.GetValue<string>().ShouldBe("Replicas are 0 to 64.");
    }

    [Fact]
    public async Task An_unexpected_exception_tells_nothing_of_the_inside()
    {
        var problem = await GetAsync("/throws", HttpStatusCode.InternalServerError);

        Text(problem, "type").ShouldBe(ProblemTypes.Internal);
        problem.ToJsonString().ShouldNotContain("hunter2");
        problem.ToJsonString().ShouldNotContain("InvalidOperation");
    }

    [Fact]
    public async Task A_request_id_is_answered_even_when_the_endpoint_throws()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/throws");
        request.Headers.Add("x-request-id", "mine-1");
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        response.Headers.GetValues("x-request-id").ShouldBe(["mine-1"]);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"requestId\":\"mine-1\"");
    }

    [Fact]
    public async Task A_failure_after_the_start_breaks_the_connection_instead_of_ending_it_well() =>
        await Should.ThrowAsync<HttpRequestException>(() => _service.Client.GetStringAsync("/starts", TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("""{"name":"a","count":"x"}""", "at $.count (line 1, byte 24): the value is of another type than expected.")]
    [InlineData("{\n\"name\": \"a\",\n\"count\": ]}", "(line 3, byte 10)")]
    [InlineData("""{"count":1}""", "required properties are missing: 'name'")]
    [InlineData("", "")]
    public async Task A_bad_body_is_a_400_that_names_the_place(string body, string detail)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _service.Client.PostAsync("/orders", content, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        Text(problem!, "type").ShouldBe(ProblemTypes.BadRequest);
        Text(problem!, "detail").ShouldContain(detail);
        Text(problem!, "detail").ShouldNotContain("AiFactory");
    }

    [Theory]
    [InlineData("/orders/1?page=x", HttpStatusCode.BadRequest, ProblemTypes.BadRequest)]
    [InlineData("/orders/x?page=1", HttpStatusCode.NotFound, ProblemTypes.NotFound)]
    [InlineData("/orders", HttpStatusCode.MethodNotAllowed, ProblemTypes.MethodNotAllowed)]
    public async Task What_the_framework_refuses_is_a_problem_too(string path, HttpStatusCode status, string type) =>
        Text(await GetAsync(path, status), "type").ShouldBe(type);

    [Fact]
    public async Task A_body_of_another_media_type_is_a_415()
    {
        using var content = new StringContent("<a/>", Encoding.UTF8, "application/xml");
        using var response = await _service.Client.PostAsync("/orders", content, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        Text((await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken))!, "type").ShouldBe(ProblemTypes.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("client-1.a:b_c", true)]
    [InlineData("with space", false)]
    [InlineData("<script>", false)]
    public async Task A_plain_request_id_is_taken_and_answered(string id, bool taken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/missing");
        request.Headers.TryAddWithoutValidation("x-request-id", id);
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        (response.Headers.GetValues("x-request-id").Single() == id).ShouldBe(taken);
    }

    private static string Text(JsonObject problem, string name) => problem[name]!.GetValue<string>();

    private async Task<JsonObject> GetAsync(string path, HttpStatusCode status)
    {
        using var response = await _service.Client.GetAsync(path, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(status);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        return (await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken))!;
    }

    private sealed record Order(string Name, int Count)
    {
        [System.Text.Json.Serialization.JsonRequired]
        public string Name { get; init; } = Name;
    }
}
