using System.Text;
using AiFactory.Gateway.OpenAI;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.OpenAI;

public sealed class UsageSpliceTests
{
    [Theory]
    [InlineData("""{"model":"m"}""", """{"stream_options":{"include_usage":true},"model":"m"}""")]
    [InlineData(""" { "model" : "m", "x":1.50 } """, """ {"stream_options":{"include_usage":true}, "model" : "m", "x":1.50 } """)]
    [InlineData("""{"model":"m","stream_options":null}""", """{"model":"m","stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"m","stream_options":{}}""", """{"model":"m","stream_options":{"include_usage":true}}""")]
    [InlineData("""{"stream_options":{"other":{"include_usage":true}},"model":"m"}""", """{"stream_options":{"include_usage":true,"other":{"include_usage":true}},"model":"m"}""")]
    [InlineData("""{"model":"m","stream_options":{"include_usage":false,"b":1}}""", """{"model":"m","stream_options":{"include_usage":true,"b":1}}""")]
    [InlineData("""{"model":"m","stream_options":{"include_usage":null}}""", """{"model":"m","stream_options":{"include_usage":true}}""")]
    [InlineData("""{"stream_options":{"include_usage":true},"stream_options":{"include_usage":false},"model":"m"}""", """{"stream_options":{"include_usage":true},"stream_options":{"include_usage":true},"model":"m"}""")]
    [InlineData("""{"model":"m","stream_options":{"include_usage":true}}""", null)]
    [InlineData("""{"model":"m","stream_options":{"include_usage":"yes"}}""", null)]
    [InlineData("""{"model":"m","stream_options":[]}""", null)]
    [InlineData("""{"model":"m","messages":[{"stream_options":{"include_usage":true}}]}""", """{"stream_options":{"include_usage":true},"model":"m","messages":[{"stream_options":{"include_usage":true}}]}""")]
    public async Task A_request_is_made_to_ask_for_its_usage_and_stays_as_it_was_otherwise(string json, string? expected)
    {
        using var body = await BodyAsync(json);
        RequestHead.Read(body.Span, new char[RequestHead.LongestModel], out var head).ShouldBeNull();

        head.Usage.IsNeeded.ShouldBe(expected is not null);
        if (expected is not null)
        {
            var spliced = body;
            spliced.Splice(head.Usage.At, head.Usage.Removed, head.Usage.Text);
            Encoding.UTF8.GetString(spliced.Span).ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData("""{"model":"m"}""", """{"stream_options":{"include_usage":true},"model":"other"}""")]
    [InlineData("""{"stream_options":{"include_usage":false},"model":"m","x":1}""", """{"stream_options":{"include_usage":true},"model":"other","x":1}""")]
    [InlineData("""{"model":"m","stream_options":{}}""", """{"model":"other","stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"a","model": "m\"\u00e4"}""", """{"stream_options":{"include_usage":true},"model":"a","model": "other"}""")]
    public async Task The_place_of_the_models_name_is_known_also_after_that(string json, string expected)
    {
        using var body = await BodyAsync(json);
        RequestHead.Read(body.Span, new char[RequestHead.LongestModel], out var head).ShouldBeNull();
        var (place, spliced) = (head.ModelPlace.After(head.Usage), body);
        spliced.Splice(head.Usage.At, head.Usage.Removed, head.Usage.Text);

        spliced.Splice(place.At, place.Length, "\"other\""u8);

        Encoding.UTF8.GetString(spliced.Span).ShouldBe(expected);
    }

    [Fact]
    public async Task A_body_that_fills_its_buffer_is_moved_to_a_larger_one()
    {
        var json = $$"""{"model":"m","x":"{{new string('x', 8 * 1024 - 22)}}"}""";
        var body = await BodyAsync(json, declared: false);
        body.Buffer.Length.ShouldBeLessThan(json.Length + 40);

        body.Splice(1, 0, "\"stream_options\":{\"include_usage\":true},"u8);

        Encoding.UTF8.GetString(body.Span).ShouldBe("{\"stream_options\":{\"include_usage\":true}," + json[1..]);
        body.Dispose();
    }

    private static async Task<RequestBody> BodyAsync(string json, bool declared = true)
    {
        var request = new DefaultHttpContext().Request;
        request.Body = new MemoryStream(Encoding.UTF8.GetBytes(json));
        request.ContentLength = declared ? request.Body.Length : null;
        return await RequestBody.ReadAsync(request, 1 << 20, CancellationToken.None) ?? throw new InvalidOperationException("The body is too large.");
    }
}
