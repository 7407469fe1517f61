using System.Text.Json;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Tools;
using AiFactory.Builder.Tools.Http;
using AiFactory.ServiceDefaults.Outbound;

namespace AiFactory.Builder.Tests.Tools;

public sealed class ToolHttpCallTests
{
    [Theory]
    [InlineData("https://a.example/cities/{city}", """{"city":"São Paulo/x","days":3}""", "https://a.example/cities/S%C3%A3o%20Paulo%2Fx?days=3")]
    [InlineData("https://a.example/?q={q}", """{"q":"a&b=c"}""", "https://a.example/?q=a%26b%3Dc")]
    [InlineData("https://a.example/s?k=1", """{"q":true,"none":null}""", "https://a.example/s?k=1&q=true")]
    [InlineData("https://a.example/s", "{}", "https://a.example/s")]
    public void A_get_has_its_arguments_in_the_address(string url, string arguments, string expected)
    {
        var request = ToolHttpCall.Create(Tool("GET", url), Json(arguments), null, None);

        request.Url.AbsoluteUri.ShouldBe(expected);
        request.Body.ShouldBeNull();
    }

    [Fact]
    public void A_post_has_the_arguments_that_stand_in_no_place_as_its_body_and_a_key_against_repetition()
    {
        var request = ToolHttpCall.Create(Tool("POST", "https://a.example/orders/{id}"), Json("""{"id":7,"lines":[{"n":1}]}"""), "run/step/1.1", None);

        request.Url.AbsoluteUri.ShouldBe("https://a.example/orders/7");
        request.Body.ShouldBe("""{"lines":[{"n":1}]}""");
        request.Headers["Idempotency-Key"].ShouldBe("run/step/1.1");
        request.Headers["x-key"].ShouldBe("k");
    }

    [Theory]
    [InlineData("""{"city":".."}""")]
    [InlineData("""{"city":"."}""")]
    [InlineData("""{"city":""}""")]
    [InlineData("""{"city":null}""")]
    [InlineData("{}")]
    public void An_argument_that_would_climb_or_is_missing_is_refused(string arguments) =>
        Should.Throw<OutboundException>(() => ToolHttpCall.Create(Tool("GET", "https://a.example/cities/{city}/now"), Json(arguments), null, None));

    [Theory]
    [InlineData("https://a.example/{x}", null)]
    [InlineData("https://a.example?x={x}", null)]
    [InlineData("https://{x}.example/", "host")]
    [InlineData("https://a.example:{x}/", "host")]
    [InlineData("{x}://a.example/", "host")]
    [InlineData("https://a.example/{not a name}", "place")]
    [InlineData("https://a.example/{{secret.{x}}}", "no argument")]
    [InlineData("https://a.example/{{ secret.{x} }}", "place")]
    [InlineData("https://a.example/{{{x}}}", "place")]
    [InlineData("https://a.example/{{x}}", "place")]
    [InlineData("ftp://a.example/", "http")]
    [InlineData("https://user:password@a.example/", "password")]
    [InlineData("/relative", "http")]
    public void An_authors_address_is_checked(string url, string? complaint)
    {
        if (complaint is null)
        {
            ToolUrl.Complaint(url).ShouldBeNull();
        }
        else
        {
            ToolUrl.Complaint(url).ShouldNotBeNull().ShouldContain(complaint);
        }
    }

    /// <summary>The argument's place was filled first, and what came of it read again: a model that a page had talked into it chose a secret.</summary>
    [Fact]
    public void What_an_argument_says_is_not_read_again()
    {
        var secret = new SecretOptions.Secret { Value = "s3cr3t", Hosts = { "a.example" }, Projects = { "default" } };
        var secrets = new SecretCall(new SecretOptions { Secrets = { ["github"] = secret } }, "default", new Uri("https://a.example"));

        var request = ToolHttpCall.Create(Tool("GET", "https://a.example/{{secret.{x}}}"), Json("""{"x":"github"}"""), null, secrets);

        request.Url.AbsoluteUri.ShouldBe("https://a.example/%7B%7Bsecret.github%7D%7D");
        secrets.IsUsed.ShouldBeFalse();
    }

    private static SecretCall None => new(new SecretOptions(), "default", new Uri("https://a.example"));

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    private static ToolRow Tool(string method, string url) => new()
    {
        Project = "default",
        Name = "tool",
        Description = "",
        Parameters = "{}",
        Kind = "http",
        Method = method,
        Url = url,
        Headers = """{"x-key":"k"}""",
        TimeoutSeconds = 5,
        CreatedBy = "user:ada",
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };
}
