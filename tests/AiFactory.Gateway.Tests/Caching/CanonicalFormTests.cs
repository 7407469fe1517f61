using System.Buffers;
using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Caching;

namespace AiFactory.Gateway.Tests.Caching;

public sealed class CanonicalFormTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[true,null,"x"]}""", """ { "b" : [ true , null , "x" ] , "a" : 1 } """)]
    [InlineData("""{"a":"A\n\u00e9/"}""", """{"\u0061":"\u0041\u000A\u00C9\/"}""", false)]
    [InlineData("""{"a":"A\né/"}""", """{"\u0061":"\u0041\u000A\u00e9\/"}""")]
    [InlineData("""{"a":"😀"}""", """{"a":"\ud83d\uDE00"}""")]
    [InlineData("""{"a":1}""", """{"a":1.0}""", false)]
    [InlineData("""{"a":1}""", """{"a":1e0}""", false)]
    [InlineData("""{"a":0}""", """{"a":-0}""", false)]
    [InlineData("""{"a":9007199254740993}""", """{"a":9007199254740992}""", false)]
    [InlineData("""{"a":1}""", """{"a":"1"}""", false)]
    [InlineData("""{"a":null}""", """{"a":"null"}""", false)]
    [InlineData("""{"a":null}""", """{}""", false)]
    [InlineData("""{"a":"b\",\"c\":\"d"}""", """{"a":"b","c":"d"}""", false)]
    [InlineData("""{"ab":"c"}""", """{"a":"bc"}""", false)]
    [InlineData("""["a","b"]""", """["ab"]""", false)]
    [InlineData("""["a","b"]""", """["b","a"]""", false)]
    [InlineData("""[[1],2]""", """[[1,2]]""", false)]
    [InlineData("""{"a":{"b":1},"c":2}""", """{"a":{"b":1,"c":2}}""", false)]
    [InlineData("""{"a":""}""", """{"a":"\u0000"}""", false)]
    [InlineData("""{"a":"\u0000"}""", """{"a":"\\u0000"}""", false)]
    [InlineData("""{"é":1}""", """{"e\u0301":1}""", false)]
    [InlineData("""{"a":"\ufffd"}""", """{"a":"?"}""", false)]
    public void Two_texts_have_one_form_only_where_every_parser_reads_the_same_from_them(string one, string other, bool isSame = true) =>
        FormOf(one).ShouldNotBeNull().SequenceEqual(FormOf(other).ShouldNotBeNull()).ShouldBe(isSame);

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""{"x":[{"a":1,"b":2,"a":3}]}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    [InlineData("""["\udc00\ud800"]""")]
    public void What_parsers_read_differently_has_none(string json) => FormOf(json).ShouldBeNull();

    private static byte[]? FormOf(string json)
    {
        using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(json));
        var form = new ArrayBufferWriter<byte>();
        return CanonicalForm.TryWrite(document.RootElement, form) ? form.WrittenSpan.ToArray() : null;
    }
}
