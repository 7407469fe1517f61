using System.Text;
using System.Text.Json;
using AiFactory.ServiceDefaults.Schemas;

namespace AiFactory.ServiceDefaults.Tests.Schemas;

public sealed class JsonSchemaTests
{
    private const string Order =
        """
        {"type":"object","required":["id","items"],"additionalProperties":false,
         "properties":{"id":{"type":"integer","minimum":1},"note":{"type":["string","null"],"maxLength":5},"kind":{"enum":["new",1]},
                       "items":{"type":"array","minItems":1,"items":{"$ref":"#/$defs/item"}}},
         "$defs":{"item":{"type":"object","properties":{"price":{"type":"number","exclusiveMinimum":0},"code":{"pattern":"^[A-Z]{2}"},"parts":{"type":"array","items":{"$ref":"#/$defs/item"}}}}}}
        """;

    [Theory]
    [InlineData(Order, """{"id":7,"items":[{"price":1.5,"code":"AB1","parts":[{"price":2}]}],"note":null,"kind":1.0}""", null)]
    [InlineData(Order, """{"id":7.0,"items":[{}],"note":"é😀abc"}""", null)]
    [InlineData(Order, """{"id":7}""", "$ misses 'items'")]
    [InlineData(Order, """{"id":0,"items":[{}]}""", "$.id is too small")]
    [InlineData(Order, """{"id":1.5,"items":[{}]}""", "$.id is no integer")]
    [InlineData(Order, """{"id":1,"items":[{}],"secret":1}""", "$ has a member that the schema does not know")]
    [InlineData(Order, """{"id":1,"items":[{},{"price":1,"parts":[{"price":0}]}]}""", "$.items[1].parts[0].price is too small")]
    [InlineData(Order, """{"id":1,"items":[{"code":"A1"}]}""", "$.items[0].code does not have the form of its pattern")]
    [InlineData(Order, """{"id":1,"items":[],"kind":"new"}""", "$.items has too few elements")]
    [InlineData(Order, """{"id":1,"items":[{}],"note":"sixsix"}""", "$.note is too long")]
    [InlineData(Order, """{"id":1,"items":[{}],"kind":"old"}""", "$.kind is none of the values that it may be")]
    [InlineData(Order, """{"id":1,"items":[{}]""", "$ is no JSON")]
    [InlineData(Order, """{"id":1,"items":[{}]} and more""", "$ is no JSON")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":5}]}""", "7", "$ does not fit exactly one of its alternatives")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":5}]}""", "5.5", null)]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "1", "$ fits none of its alternatives")]
    [InlineData("""{"allOf":[{"minLength":2},{"maxLength":3}]}""", "\"abcd\"", "$ is too long")]
    [InlineData("""{"not":{"const":{"a":1,"b":2}}}""", """{"b":2,"a":1.0}""", "$ is what it may not be")]
    [InlineData("""{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"maxProperties":0}}""", """{"a":1}""", "$ misses 'b'")]
    [InlineData("""{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"maxProperties":0}}""", """{"c":1}""", "$ has too many members")]
    [InlineData("""{"multipleOf":0.1}""", "0.3", null)]
    [InlineData("""{"multipleOf":0.1}""", "0.35", "$ is no multiple of what it should be")]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":{"type":"integer"}}""", """["a",1,"b"]""", "$[2] is no integer")]
    [InlineData("""{"uniqueItems":true}""", """[1,{"a":1},{"a":1.0}]""", "$[2] repeats one of those before it")]
    [InlineData("""{"contains":{"type":"string"},"maxContains":1}""", """["a","b"]""", "$ does not contain as many of a kind as it should")]
    [InlineData("""{"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":{"type":"integer"}}""", """{"x-a":"b","c":1}""", null)]
    [InlineData("""{"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":{"type":"integer"}}""", """{"mine":"b"}""", "$.* is no integer")]
    [InlineData("""{"propertyNames":{"maxLength":2}}""", """{"abc":1}""", "$ has a member whose name does not fit")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":1}""", "$ misses 'b'")]
    [InlineData("""{"properties":{"a":false}}""", """{"a":1}""", "$.a may not be there")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"a":1,"a":"b"}""", "$.a is no string")]
    [InlineData("""{"format":"date"}""", "\"2026-02-30\"", "$ is no date")]
    [InlineData("""{"format":"date-time"}""", "\"2026-02-28T10:00:00Z\"", null)]
    [InlineData("""{"format":"date-time"}""", "\"2026-02-28T10:00:00\"", "$ is no date-time")]
    [InlineData("""{"format":"uuid"}""", "\"123e4567-e89b-12d3-a456-426614174000\"", null)]
    [InlineData("""{"format":"email"}""", "\"ada at example\"", "$ is no email")]
    [InlineData("""{"format":"ipv4"}""", "\"1.2.3\"", "$ is no ipv4")]
    [InlineData("true", "[]", null)]
    [InlineData("""{"maximum":5}""", "1e99999999999", "$ is too large")]
    [InlineData("""{"maximum":5}""", "-1e99999999999", null)]
    [InlineData("""{"exclusiveMinimum":0}""", "1e-99999999999", null)]
    [InlineData("""{"minimum":0.1}""", "0.0999999999999999999999999999999999999", "$ is too small")]
    [InlineData("""{"properties":{"n":{"enum":[1]}}}""", """{"n":1e99999999999}""", "$.n is none of the values that it may be")]
    [InlineData("""{"const":{"n":[10e-1,0]}}""", """{"n":[1,-0.0]}""", null)]
    [InlineData("""{"uniqueItems":true}""", "[1e99999999999,10e99999999998]", "$[1] repeats one of those before it")]
    [InlineData("""{"type":"integer"}""", "1e-99999999999", "$ is no integer")]
    [InlineData("""{"type":"integer"}""", "1.00000000000000000000000000000000001", "$ is no integer")]
    [InlineData("""{"type":"integer"}""", "12.50e1", null)]
    [InlineData("""{"multipleOf":2}""", "1e99999999999", "$ is no multiple of what it should be")]
    [InlineData("""{"const":{"a":"A","b":{}}}""", """{"b":{},"\u0061":"\u0041"}""", null)]
    [InlineData("""{"const":"abcdefg"}""", "\"abcdefh\"", "$ is not the one value that it may be")]
    [InlineData("""{"pattern":"^[a-z]*$"}""", "\"abc\"", null)]
    [InlineData("""{"pattern":"^[a-z]*$"}""", "\"\"", null)]
    [InlineData("""{"pattern":"^[a-z]*$"}""", "\"1\"", "$ does not have the form of its pattern")]
    [InlineData("""{"pattern":"^[a-z]*$"}""", "\"abc\\n\"", "$ does not have the form of its pattern")]
    [InlineData("""{"pattern":"x*"}""", "\"abc\"", null)]
    [InlineData("""{"patternProperties":{"^(x-.*)?$":false}}""", """{"y":1,"":1}""", "$.* may not be there")]
    [InlineData("""{"propertyNames":{"$ref":"#/$defs/a"},"properties":{"b":{"$ref":"#/$defs/a"}},"$defs":{"a":{"maxLength":2}}}""", """{"b":"abc"}""", "$.b is too long")]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/a"},"b":{"properties":{"c":{"$ref":"#/$defs/a"}}}},"$defs":{"a":{"properties":{"n":{"type":"null"}}}}}""", """{"b":{"c":{"n":1}}}""", "$.b.c.n is no null")]
    public void A_fault_is_told_by_its_place(string schema, string value, string? fault) => Fault(Parse(schema), value).ShouldBe(fault);

    [Theory]
    [InlineData("""{"properties":{"a":{"unevaluatedProperties":false}}}""", "'#/properties/a/unevaluatedProperties': answers cannot be held to this keyword")]
    [InlineData("""{"$ref":"https://example.org/schema"}""", "is not within this schema")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "there is no '#/$defs/none'")]
    [InlineData("""{"$ref":"#"}""", "refers to itself")]
    [InlineData("""{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"$ref":"#"},true]}}}""", "refers to itself")]
    [InlineData("""{"items":[{"type":"string"}]}""", "'#/items'")]
    [InlineData("""{"type":"text"}""", "'#/type': it is some of object, array")]
    [InlineData("""{"format":"color"}""", "the format 'color' cannot be held to")]
    [InlineData("""{"pattern":"(a"}""", "'#/pattern': the pattern is not taken")]
    [InlineData("""{"pattern":"(?=a)b"}""", "'#/pattern': the pattern is not taken")]
    [InlineData("""{"minLength":-1}""", "'#/minLength': it is a whole number")]
    [InlineData("""{"properties":[]}""", "'#/properties': it is an object of schemas")]
    [InlineData("""{"additionalProperties":1}""", "'#/additionalProperties': a schema is an object")]
    [InlineData("""{"const":"\ud800"}""", null)]
    [InlineData("[]", "a schema is an object, true or false")]
    public void A_schema_that_answers_cannot_be_held_to_is_refused_with_its_place(string schema, string? complaint)
    {
        var parsed = JsonSchema.Parse(JsonDocument.Parse(schema).RootElement, out var told);

        if (complaint is not null)
        {
            parsed.ShouldBeNull();
            told.ShouldNotBeNull().ShouldContain(complaint);
        }
    }

    [Fact]
    public void A_schema_is_bounded_in_its_size_its_parts_and_its_depth()
    {
        Complaint($$"""{"title":"{{new string('x', 40_000)}}"}""").ShouldContain("at most");
        Complaint(string.Concat(Enumerable.Repeat("""{"items":""", 61)) + "true" + new string('}', 61)).ShouldBe("");
        Complaint($$"""{"anyOf":[{{string.Join(',', Enumerable.Repeat("true", 2_100))}}]}""").ShouldContain("at most 2000 parts");
    }

    /// <summary>Each level doubles what the next one costs: 25 lines that would ask for thirty million looks.</summary>
    [Fact]
    public void A_part_that_many_refer_to_is_asked_once_of_each_value()
    {
        var levels = string.Join(',', Enumerable.Range(0, 25).Select(i => $$"""
            "l{{i}}":{"allOf":[{"$ref":"#/$defs/l{{i + 1}}"},{"$ref":"#/$defs/l{{i + 1}}"}]}
            """));
        var schema = Parse($$"""{"properties":{"a":{"$ref":"#/$defs/l0"},"b":{"$ref":"#/$defs/l0"} },"$defs":{ {{levels}},"l25":{"type":"integer"} } }""");

        Fault(schema, """{"a":1,"b":2}""").ShouldBeNull();
        Fault(schema, """{"a":1,"b":"c"}""").ShouldBe("$.b is no integer");
    }

    /// <summary>1,500 looks at a text of a megabyte, each of a few milliseconds; at a short one they are nothing.</summary>
    [Fact]
    public void A_look_at_a_long_value_costs_what_it_is_long()
    {
        var parts = string.Join(',', Enumerable.Repeat("{\"minLength\":1}", 1500));
        var schema = Parse($$"""{"allOf":[{{parts}}]}""");

        Fault(schema, "\"short\"").ShouldBeNull();
        Should.Throw<TimeoutException>(() => Fault(schema, $"\"{new string('x', 1 << 20)}\""));
    }

    /// <summary>Each with each would be four million comparisons.</summary>
    [Fact]
    public void A_long_list_is_looked_through_for_repeats()
    {
        var schema = Parse("""{"uniqueItems":true}""");
        string[] elements = [.. Enumerable.Range(0, 3000).Select(i => $"{{\"id\":{i},\"name\":\"{new string('x', 100)}\"}}")];

        Fault(schema, $"[{string.Join(',', elements)}]").ShouldBeNull();
        Fault(schema, $"[{string.Join(',', elements)},{elements[7]},{elements[3]}]").ShouldBe("$[3000] repeats one of those before it");
    }

    [Fact]
    public void What_nobody_waits_for_any_more_is_not_gone_on_with()
    {
        using var text = new SchemaRun("1"u8.ToArray(), new SchemaWork(new CancellationToken(canceled: true)));

        Should.Throw<OperationCanceledException>(() => Parse("""{"minLength":1}""").Fault(text));
    }

    /// <summary>Small texts of large patterns: these would keep 190 MB.</summary>
    [Fact]
    public void Its_patterns_are_bounded_together_and_equal_ones_are_one()
    {
        Complaint(Patterns(1990)).ShouldContain("takes more memory");
        Complaint(Patterns(40)).ShouldBe("", "those beside are the same");
        var classes = Enumerable.Range(0, 120).Select(i => $"{{\"pattern\":\"[a{(char)(0x4E00 + i)}-{(char)(0x4F00 + i)}]\"}}");
        Complaint($$"""{"anyOf":[{{string.Join(',', classes)}}]}""").ShouldContain("takes more memory", customMessage: "each of its classes is asked of .NET");
    }

    /// <summary>A schema of so many patterns, each of a thousand parts.</summary>
    internal static string Patterns(int count)
    {
        var patterns = Enumerable.Range(0, count).Select(i => $"\"{(char)(0x4E00 + i)}{{999}}\":true");
        return $$"""{"patternProperties":{ {{string.Join(',', patterns)}} },"additionalProperties":false}""";
    }

    private static string? Fault(JsonSchema schema, string value)
    {
        using var text = new SchemaRun(Encoding.UTF8.GetBytes(value), new SchemaWork(TestContext.Current.CancellationToken));
        return schema.Fault(text);
    }

    private static string Complaint(string schema)
    {
        JsonSchema.Parse(JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = 256 }).RootElement, out var complaint);
        return complaint ?? "";
    }

    private static JsonSchema Parse(string schema)
    {
        var parsed = JsonSchema.Parse(JsonDocument.Parse(schema).RootElement, out var complaint);
        complaint.ShouldBeNull();
        return parsed.ShouldNotBeNull();
    }
}
