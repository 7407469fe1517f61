using System.Text;
using System.Text.Json;
using AiFactory.Inference.Grammars;
using AiFactory.Inference.Schemas;

namespace AiFactory.Inference.Tests.Schemas;

public sealed class SchemaGrammarTests
{
    [Theory]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"string\"}},\"required\":[\"a\"]}", "{\"a\":1}~{\"a\": 1, \"b\": \"x\"}~{\n  \"a\": -5\n}", "{}~{\"b\":\"x\",\"a\":1}~{\"a\":1.5}~{\"a\":1,\"c\":2}~{\"a\":01}")]
    [InlineData("{\"type\":\"object\",\"propertyNames\":true}", "{}~{\"x\":1}", "[]")]
    [InlineData("{\"type\":\"object\"}", "{}~{\"x\": [1, {\"y\": null}]}", "[]~{\"x\":}~{x:1}")]
    [InlineData("{}", "1~\"x\"~[true, null]~{\"a\":{}}~-0.5e-3", "01~'x'~tru")]
    [InlineData("{\"type\":\"object\",\"additionalProperties\":{\"type\":\"boolean\"},\"properties\":{\"ab\":{\"type\":\"integer\"}}}", "{\"ab\":1,\"a\":true}~{\"abc\":false,\"x\":true}~{}", "{\"ab\":true}~{\"a\":1}~{\"ab\":1,\"ab\":true}~{\"\\u0061b\":true}")]
    [InlineData("{\"type\":\"object\",\"additionalProperties\":{\"type\":\"null\"},\"minProperties\":1,\"maxProperties\":2}", "{\"a\":null}~{\"a\":null,\"b\":null}", "{}~{\"a\":null,\"b\":null,\"c\":null}")]
    [InlineData("{\"type\":\"object\",\"patternProperties\":{\"^x_\":{\"type\":\"integer\"}},\"additionalProperties\":false}", "{\"x_a\":1}~{}", "{\"y\":1}")]
    [InlineData("{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1,\"maxItems\":3}", "[1]~[1, 2, 3]", "[]~[1,2,3,4]~[1,]")]
    [InlineData("{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}],\"items\":{\"type\":\"null\"},\"minItems\":1}", "[1]~[1,\"x\"]~[1,\"x\",null,null]", "[]~[\"x\"]~[1,\"x\",1]")]
    [InlineData("{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"}],\"items\":false}", "[]~[1]", "[1,2]")]
    [InlineData("{\"enum\":[\"red\",2,null,{\"a\": [1]}]}", "\"red\"~2~null~{\"a\":[1]}", "\"green\"~3")]
    [InlineData("{\"const\":\"a\\\"b\\n\"}", "\"a\\\"b\\n\"", "\"a\"")]
    [InlineData("{\"enum\":[1,5,9,\"x\"],\"minimum\":5,\"type\":\"integer\"}", "5~9", "1~\"x\"")]
    [InlineData("{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}]}", "1~[]~[1,[2,[]]]", "\"x\"~[null]")]
    [InlineData("{\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/node\"},{\"type\":\"null\"}]}},\"required\":[\"next\"]}},\"$ref\":\"#/$defs/node\"}", "{\"next\":null}~{\"next\":{\"next\":null}}", "{}~{\"next\":1}")]
    [InlineData("{\"allOf\":[{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":3}},\"required\":[\"a\"]},{\"properties\":{\"a\":{\"maximum\":5},\"b\":{\"type\":\"null\"}}}]}", "{\"a\":4}~{\"a\":5,\"b\":null}", "{\"a\":2}~{\"a\":6}~{}")]
    [InlineData("{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"a\"},\"x\":{\"type\":\"integer\"}},\"required\":[\"kind\",\"x\"]},{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"b\"}},\"required\":[\"kind\"]}]}", "{\"kind\":\"a\",\"x\":1}~{\"kind\":\"b\"}", "{\"kind\":\"a\"}~{\"kind\":\"c\"}")]
    [InlineData("{\"type\":[\"integer\",\"null\"]}", "1~null", "1.5~\"x\"")]
    [InlineData("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}", "\"ab\"~\"\\u00e4\\\"x\"~\"\U0001F600ab\"", "\"a\"~\"abcd\"~\"\\ud800ab\"")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}-\\\\d+$\"}", "\"AB-1\"~\"AB-1234\"", "\"ab-1\"~\"AB-\"~\"xAB-1\"")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"b+\"}", "\"b\"~\"abc\"~\"\\nbb\"", "\"ac\"~\"\"")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"^(?:a|\\\"|\\\\\\\\)*$\"}", "\"a\\\"\\\\\"~\"\"", "\"b\"~\"\\n\"")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"^\\\\w{3}$\",\"maxLength\":5}", "\"abc\"", "\"ab\"")]
    [InlineData("{\"type\":\"string\",\"format\":\"date\"}", "\"2024-02-29\"~\"1999-12-31\"~\"2000-02-29\"", "\"2023-02-29\"~\"1900-02-29\"~\"2024-13-01\"~\"2024-04-31\"")]
    [InlineData("{\"type\":\"string\",\"format\":\"date-time\"}", "\"2024-02-29T23:59:59Z\"~\"2024-01-01T00:00:00.5+02:00\"", "\"2024-02-29\"~\"2024-01-01T24:00:00Z\"")]
    [InlineData("{\"type\":\"string\",\"format\":\"uuid\"}", "\"123e4567-e89b-12d3-a456-426614174000\"", "\"123\"")]
    [InlineData("{\"type\":\"string\",\"format\":\"email\"}", "\"a.b@example.com\"", "\"a@\"~\"a.@b.c\"")]
    [InlineData("{\"type\":\"integer\",\"minimum\":-15,\"maximum\":123}", "-15~-1~0~9~99~123", "-16~124~1.0~-0")]
    [InlineData("{\"type\":\"integer\",\"exclusiveMinimum\":9,\"exclusiveMaximum\":1001}", "10~999~1000", "9~1001~0")]
    [InlineData("{\"type\":\"integer\",\"minimum\":37}", "37~100~9999999999999999", "36~4~-5")]
    [InlineData("{\"type\":\"number\",\"minimum\":0,\"maximum\":1}", "0~0.5~1~1.0", "-0.1~1.1~2~1e5")]
    [InlineData("{\"type\":\"number\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":10}", "0.5~0.001~9.9~5", "0~0.0~10~10.0~-1")]
    [InlineData("{\"type\":\"number\",\"exclusiveMinimum\":-3,\"maximum\":-1}", "-1~-2.5~-1.0", "-3~-3.0~-0.5~1")]
    [InlineData("{\"type\":\"number\",\"multipleOf\":1}", "4", "4.5")]
    [InlineData("{\"properties\":{\"a\":false,\"b\":true},\"type\":\"object\"}", "{\"b\":[1]}~{}", "{\"a\":1}")]
    public void A_value_meets_the_schema_or_is_not_written(string schema, string good, string bad)
    {
        var grammar = Compile(schema);
        good.Split('~').Where(text => !Meets(grammar, text)).ShouldBeEmpty();
        bad.Split('~').Where(text => Meets(grammar, text)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"not\":{}}}}", "#/properties/a/not")]
    [InlineData("{\"type\":\"array\",\"uniqueItems\":true}", "#/uniqueItems")]
    [InlineData("{\"type\":\"numbr\"}", "#/type")]
    [InlineData("{\"$ref\":\"https://example.com/x\"}", "#/$ref")]
    [InlineData("{\"$ref\":\"#/$defs/none\"}", "#/$ref")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"(?=a)b\"}", "#/pattern")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"}", "#/pattern")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"a\",\"maxLength\":5}", "#/pattern")]
    [InlineData("{\"type\":\"string\",\"format\":\"regex\"}", "#/format")]
    [InlineData("{\"type\":\"number\",\"minimum\":0.5}", "#")]
    [InlineData("{\"type\":\"integer\",\"multipleOf\":3}", "#/multipleOf")]
    [InlineData("{\"type\":\"object\",\"minProperties\":2}", "#/minProperties")]
    [InlineData("{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}", "#/oneOf")]
    [InlineData("{\"if\":{},\"then\":{}}", "#/if")]
    [InlineData("{\"type\":\"object\",\"properties\":[]}", "#/properties")]
    [InlineData("{\"type\":\"array\",\"items\":[{}]}", "#/items")]
    [InlineData("{\"anyOf\":[]}", "#/anyOf")]
    [InlineData("{\"properties\":{\"a/b\":5}}", "#/properties/a~1b")]
    [InlineData("{\"description\":\"\\ud800\"}", "#/description")]
    [InlineData("5", "#")]
    [InlineData("{\"type\":\"integer\",\"exclusiveMinimum\":79228162514264337593543950335}", "#/exclusiveMinimum")]
    [InlineData("{\"type\":\"object\",\"propertyNames\":{\"enum\":[\"a\"]}}", "#/propertyNames")]
    [InlineData("{\"type\":\"object\",\"propertyNames\":false}", "#/propertyNames")]
    [InlineData("{\"properties\":{\"Abc\":{}},\"additionalProperties\":false,\"propertyNames\":{\"pattern\":\"^[a-z]+$\"}}", "#/propertyNames")]
    public void What_cannot_be_held_to_is_refused_with_its_place(string schema, string path) =>
        Should.Throw<SchemaException>(() => Compile(schema)).Path.ShouldBe(path);

    [Theory]
    [InlineData("false")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}")]
    [InlineData("{\"allOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}")]
    [InlineData("{\"type\":\"integer\",\"minimum\":5,\"maximum\":4}")]
    public void A_schema_that_no_value_meets_is_refused(string schema) => Should.Throw<GrammarException>(() => Compile(schema)).Message.ShouldContain("no text");

    [Fact]
    public void A_schema_is_bounded_in_size()
    {
        var long_ = JsonSerializer.SerializeToElement(new { @enum = Enumerable.Range(0, 100_000).Select(i => $"value {i}") });
        Should.Throw<SchemaException>(() => SchemaGrammar.Write(long_, "v", CancellationToken.None)).Message.ShouldContain("262144");

        // Each definition has two of the next: small to say, and each is one rule.
        var chain = new StringBuilder("{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
        for (var i = 0; i < 2_000; i++)
        {
            chain.Append(System.Globalization.CultureInfo.InvariantCulture, $"\"d{i}\":{{\"type\":\"array\",\"items\":{{\"$ref\":\"#/$defs/d{i + 1}\"}}}},");
        }

        Meets(Compile(chain.Append("\"d2000\":{\"type\":\"null\"}}}").ToString()), "[[[]]]").ShouldBeTrue();

        // Two to the thirtieth ways to take one branch of each.
        var many = $"{{\"allOf\":[{string.Join(',', Enumerable.Range(0, 30).Select(i => $"{{\"anyOf\":[{{\"title\":\"a{i}\"}},{{\"title\":\"b{i}\"}}]}}"))}]}}";
        Should.Throw<SchemaException>(() => Compile(many)).Message.ShouldContain("too much");
    }

    [Theory]
    [InlineData("{\"type\":\"string\",\"maxLength\":1000001}", "#/maxLength")]
    [InlineData("{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":3000000}}", "#/items/minLength")]
    [InlineData("{\"properties\":{\"a\":{\"type\":\"array\",\"maxItems\":2147483648}}}", "#/properties/a/maxItems")]
    [InlineData("{\"type\":\"array\",\"minItems\":1000001}", "#/minItems")]
    [InlineData("{\"type\":\"object\",\"maxProperties\":99999999}", "#/maxProperties")]
    public void A_count_that_no_grammar_keeps_is_refused_with_its_place(string schema, string path)
    {
        var refusal = Should.Throw<SchemaException>(() => Compile(schema));
        refusal.Path.ShouldBe(path);
        refusal.Fault.ShouldContain("1000000");
    }

    /// <summary>104 KB took 22 seconds: each pair of branches read all names of both again.</summary>
    [Fact]
    public void Branches_with_many_names_are_read_once_each()
    {
        var names = string.Join(',', Enumerable.Range(0, 150).Select(i => $"\"n{i}\":{{}}"));
        var branches = string.Join(',', Enumerable.Range(0, 140).Select(i => $"{{\"type\":\"object\",\"properties\":{{\"kind\":{{\"const\":{i}}},{(i < 2 ? names : "\"a\":{}")}}},\"required\":[\"kind\"]}}"));

        Meets(Compile($"{{\"oneOf\":[{branches}]}}"), "{\"kind\":139}").ShouldBeTrue();
    }

    [Theory]
    [InlineData("oneOf")]
    [InlineData("anyOf")]
    public void A_schema_that_says_the_same_again_and_again_is_refused_with_the_place_where_reading_ended(string keyword)
    {
        var names = string.Join(',', Enumerable.Range(0, 8_000).Select(i => $"\"n{i}\""));
        var branches = string.Join(',', Enumerable.Range(0, 150).Select(i => $"{{\"$ref\":\"#/$defs/large\",\"properties\":{{\"kind\":{{\"const\":{i}}}}}}}"));
        using var document = JsonDocument.Parse($"{{\"{keyword}\":[{branches}],\"$defs\":{{\"large\":{{\"type\":\"object\",\"required\":[{names},\"kind\"]}}}}}}");

        var refusal = Should.Throw<SchemaException>(() => SchemaGrammar.Write(document.RootElement, "v", CancellationToken.None));
        refusal.Path.ShouldStartWith("#");
        refusal.Fault.ShouldContain("too");
    }

    /// <summary>49 KB took 3 seconds, 217 KB 72: each pair of branches compares all values of both.</summary>
    [Fact]
    public void Branches_with_many_values_are_refused_when_comparing_them_takes_too_long()
    {
        var (even, odd) = (string.Join(',', Enumerable.Range(0, 4_000).Select(i => 2 * i)), string.Join(',', Enumerable.Range(0, 4_000).Select(i => (2 * i) + 1)));
        var branches = string.Join(',', Enumerable.Range(0, 200).Select(i => $"{{\"type\":\"object\",\"properties\":{{\"x\":{{\"$ref\":\"#/$defs/{(i % 2 == 0 ? "e" : "f")}\"}},\"k\":{{\"const\":{i}}}}},\"required\":[\"x\",\"k\"]}}"));
        using var document = JsonDocument.Parse($"{{\"oneOf\":[{branches}],\"$defs\":{{\"e\":{{\"enum\":[{even}]}},\"f\":{{\"enum\":[{odd}]}}}}}}");

        Should.Throw<SchemaException>(() => SchemaGrammar.Write(document.RootElement, "v", CancellationToken.None)).Fault.ShouldContain("takes too long");
    }

    [Fact]
    public void Reading_a_schema_ends_when_its_client_leaves()
    {
        using var left = new CancellationTokenSource();
        left.Cancel();
        using var document = JsonDocument.Parse($"{{\"allOf\":[{string.Join(',', Enumerable.Repeat("{\"type\":\"object\"}", 10_500))}]}}");

        Should.Throw<OperationCanceledException>(() => SchemaGrammar.Write(document.RootElement, "v", left.Token));
    }

    internal static Grammar Compile(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return Grammar.Parse($"root ::= v\n{SchemaGrammar.Common}{SchemaGrammar.Write(document.RootElement, "v", CancellationToken.None)}");
    }

    private static bool Meets(Grammar grammar, string text)
    {
        var matcher = new GrammarMatcher(grammar);
        return matcher.Advance(matcher.Start, Encoding.UTF8.GetBytes(text))?.Accepts == true;
    }
}
