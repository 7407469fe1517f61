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
        Json(Json(Value)),
        Json(Json(Json(Value))),
        Relaxed(Relaxed(Value)),
        Json(Relaxed(Value)),
        Uri.EscapeDataString(Uri.EscapeDataString(Value)),
        Uri.EscapeDataString(Uri.EscapeDataString(Uri.EscapeDataString(Value))),
        Uri.EscapeDataString(Json(Value)),
        WebUtility.HtmlEncode(Value),
        WebUtility.HtmlEncode(WebUtility.HtmlEncode(Value)),
        WebUtility.HtmlEncode(Json(Value)),
        Json(WebUtility.HtmlEncode(Value)),
        "s3&#x2F;&#34;a&#32;&#x2b; b&#92;&#xFC;&#38;&#x1F600;",
        "s3&#x2f;&quot;a%2520\\\\u002B b\\\\\\\\&amp;#252;%26amp;\\ud83d\\ude00", // each character in a way of its own
    ];

    private static string Json(string text) => JsonEncodedText.Encode(text).ToString();

    private static string Relaxed(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_secret_is_found_in_whatever_escaping(string form) => SecretForms.Of(Value).Replace($"<{form}>", "***").ShouldBe("<***>");

    [Theory]
    [InlineData("s3/\"a + b\\")]
    [InlineData("S3/\"A + B\\Ü&😀")]
    [InlineData("s3\"a + b\\ü&😀")]
    public void What_is_not_it_stays(string text) => SecretForms.Of(Value).Replace(text, "***").ShouldBe(text);

    /// <summary>A service that gives the request back as a text within JSON escapes it once more.</summary>
    [Theory]
    [InlineData("ab+cd==", """{"data":"{\"k\":\"ab\\u002Bcd==\"}"}""", """{"data":"{\"k\":\"***\"}"}""")]
    [InlineData("ab+cd==", "/?k=ab%252Bcd%253D%253D&x=1", "/?k=***&x=1")]
    [InlineData("ab+cd==", "<p>ab&#x2B;cd==</p> <p>ab&#43;cd&#61;&#61;</p>", "<p>***</p> <p>***</p>")]
    [InlineData("it's <b>", "it&#39;s &lt;b&gt; it&apos;s &amp;lt;b&amp;gt;", "*** ***")]
    [InlineData("abc\\", """{"k":"abc\\"}""", """{"k":"***\\"}""")]
    [InlineData("%41&amp;x", "%41&amp;x %2541&amp;amp;x", "*** ***")]
    [InlineData("\\\\", """a \\ b \ c""", """a *** b \ c""")]
    [InlineData("ab", "%zz &nope; \\q %E4 &#xD800; &#9999999; a%", "%zz &nope; \\q %E4 &#xD800; &#9999999; a%")]
    public void It_is_taken_out_and_what_stands_around_it_stays(string secret, string text, string clean) => SecretForms.Of(secret).Replace(text, "***").ShouldBe(clean);

    /// <summary>As large as they come: an answer of 1 MiB, a key of 4 KB.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("\\")]
    [InlineData("%25")]
    [InlineData("&amp;")]
    [InlineData("\\u002B%2B&#43;")]
    public void A_large_answer_without_it_stays(string repeated)
    {
        var answer = string.Concat(Enumerable.Repeat(repeated, (1 << 20) / repeated.Length));
        var secret = $"{string.Concat(Enumerable.Repeat(repeated, 4090 / repeated.Length))}!a";

        SecretForms.Of(secret).Replace(answer, "***").ShouldBe(answer);
    }

    /// <summary>Each character has several forms that begin alike, and one search tried all of their combinations.</summary>
    [Fact]
    public void It_is_looked_for_in_linear_time()
    {
        var answer = new string('\\', 100_000);

        SecretForms.Of($"{new string('\\', 500)}x").Replace(answer, "***").ShouldBe(answer);
    }
}
