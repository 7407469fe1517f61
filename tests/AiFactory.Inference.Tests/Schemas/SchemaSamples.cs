namespace AiFactory.Inference.Tests.Schemas;

/// <summary>Schemas of many kinds.</summary>
internal static class SchemaSamples
{
    public static readonly string[] All =
    [
        """{"type":"object","properties":{"name":{"type":"string","maxLength":8},"age":{"type":"integer","minimum":0,"maximum":150},"email":{"type":"string","format":"email"}},"required":["name","age"],"additionalProperties":false}""",
        """{"type":"object"}""",
        """{"type":"array","items":{"type":"number","minimum":-1,"exclusiveMaximum":1000},"minItems":1,"maxItems":5}""",
        """{"type":"array","prefixItems":[{"type":"string","format":"uuid"},{"type":"boolean"}],"items":{"type":"integer"},"maxItems":6}""",
        """{"enum":["red","gr\"een",3.5,null,{"a":[1,2]},"\u00e4\n"]}""",
        """{"anyOf":[{"type":"string","pattern":"^[a-f]{1,4}$"},{"type":"null"},{"type":"integer","exclusiveMinimum":-12345,"maximum":-7}]}""",
        """{"oneOf":[{"type":"object","properties":{"kind":{"const":"circle"},"radius":{"type":"number","exclusiveMinimum":0}},"required":["kind","radius"]},{"type":"object","properties":{"kind":{"const":"square"},"side":{"type":"integer","minimum":1}},"required":["kind","side"]}]}""",
        """{"$defs":{"tree":{"type":"object","properties":{"value":{"type":"integer"},"left":{"anyOf":[{"$ref":"#/$defs/tree"},{"type":"null"}]},"right":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/tree"}]}},"required":["value","left","right"],"additionalProperties":false}},"$ref":"#/$defs/tree"}""",
        """{"allOf":[{"type":"object","properties":{"a":{"type":"string","minLength":2}},"required":["a"]},{"properties":{"a":{"maxLength":6},"b":{"type":"array","items":{"type":"boolean"},"maxItems":3}},"required":["b"]}]}""",
        """{"type":"object","properties":{"id":{"type":"integer"},"idx":{"type":"string"}},"additionalProperties":{"type":"boolean"},"required":["id"]}""",
        """{"type":"object","additionalProperties":{"type":"integer"},"propertyNames":{"pattern":"^[a-z]{1,5}$"},"maxProperties":3,"minProperties":1}""",
        """{"type":"object","patternProperties":{"^x-[0-9]+$":{"type":"string","format":"date"}},"additionalProperties":false}""",
        """{"type":"string","format":"date-time"}""",
        """{"type":"string","format":"date"}""",
        """{"type":"string","format":"time"}""",
        """{"type":"string","format":"duration"}""",
        """{"type":"string","format":"ipv4"}""",
        """{"type":"string","format":"ipv6"}""",
        """{"type":"string","format":"uri"}""",
        """{"type":"string","format":"hostname"}""",
        """{"type":"string","format":"email"}""",
        """{"type":"string","minLength":3,"maxLength":9}""",
        """{"type":"string","pattern":"^\\s*[^\\d\\s]+\\S(?:a|\\\\|\")*?$"}""",
        """{"type":"string","pattern":"[A-Z]\\.\\w{2,3}"}""",
        """{"type":["integer","string","null"],"minimum":98,"maximum":1203,"maxLength":4}""",
        """{"type":"integer","minimum":-99999999,"maximum":99999999}""",
        """{"type":"number","minimum":-5,"maximum":-2}""",
        """{"type":"number"}""",
        """{"type":"object","properties":{"when":{"type":"string","format":"date"},"tags":{"type":"array","items":{"enum":["a","b"]},"minItems":2,"maxItems":2},"meta":{}},"required":["when","tags"],"unevaluatedProperties":false}""",
        """{"const":{"a":[true,null,"x"],"b":{"c":-0.5}}}""",
    ];
}
