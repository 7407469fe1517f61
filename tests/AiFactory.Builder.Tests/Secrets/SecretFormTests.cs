using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using AiFactory.Builder.Secrets;

namespace AiFactory.Builder.Tests.Secrets;

public sealed class SecretFormTests
{
    private const string Value = "s3/\"a + b\\ü&😀";

    public static TheoryData<string> Forms =>
    [
        Value,
        Uri.EscapeDataString(Value),
        Uri.EscapeDataString(Value).ToLowerInvariant().Replace("%c3%bc", "%c3%Bc"),
        WebUtility.UrlEncode(Value),
        JsonEncodedText.Encode(Value).ToString(),
        JsonEncodedText.Encode(Value).ToString().ToUpperInvariant().Replace("\\U", "\\u").Replace('S', 's').Replace('A', 'a').Replace("B\\", "b\\"),
        JsonEncodedText.Encode(Value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
        JsonEncodedText.Encode(Value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString().Replace("/", "\\/"),
        JsonEncodedText.Encode(WebUtility.UrlEncode(Value)).ToString(),
        "s3/%22a%20+ b%5cü%26%F0%9F%98%80", // decoded and encoded again, in part
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_secret_is_found_in_whatever_escaping(string form) => SecretForms.Of(Value).Replace($"<{form}>", "***").ShouldBe("<***>");

    [Theory]
    [InlineData("s3/\"a + b\\")]
    [InlineData("S3/\"A + B\\Ü&😀")]
    [InlineData("s3\"a + b\\ü&😀")]
    public void What_is_not_it_stays(string text) => SecretForms.Of(Value).Replace(text, "***").ShouldBe(text);

    /// <summary>Each character has several forms that begin alike, and one search tried all of their combinations.</summary>
    [Fact]
    public void It_is_looked_for_in_linear_time()
    {
        var answer = new string('\\', 100_000);

        SecretForms.Of($"{new string('\\', 500)}x").Replace(answer, "***").ShouldBe(answer);
    }
}
