using System.Collections;
using AiFactory.Inference.Templates;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Tests.Templates;

public sealed class TemplateLimitTests
{
    private static readonly TemplateLimits Small = new() { Steps = 20_000, Output = 1000, Characters = 10_000, Depth = 50, SourceDepth = 20, Source = 500 };

    [Theory]
    [InlineData("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{{ [1, 2, 3] * 100000000 }}", "steps")]
    [InlineData("{% set n = namespace(x=[1]) %}{% for i in range(40) %}{% set n.x = n.x + n.x %}{% endfor %}", "steps")]
    [InlineData("{{ range(10) | map('string') | list }}{% for i in range(9999) %}{{ [] == [] }}{{ [1] | sort }}{% endfor %}", "steps")]
    [InlineData("{% for i in range(300) %}long text{% endfor %}", "the output has more than 1000 characters")]
    [InlineData("{% set n = namespace(x='ab') %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}", "characters of text")]
    [InlineData("{{ ('a' * 900000000) | length }}", "characters of text")]
    [InlineData("{{ ('a' * 100).replace('a', 'b' * 200) | length }}", "characters of text")]
    [InlineData("{{ 'a' | indent(10000000) }}", "lies between 0 and 1000")]
    [InlineData("{% for c in 'a' * 9000 %}{% endfor %}", "characters of text")]
    [InlineData("{{ ('a' * 9000) | list | length }}", "characters of text")]
    [InlineData("{{ ('a' * 9000) | join('') }}", "characters of text")]
    [InlineData("{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}", "constructs nest more than 50 deep")]
    [InlineData("{{ ((((((((((((((((((((((1)))))))))))))))))))))) }}", "constructs nest more than 20 deep")]
    [InlineData("{{ range(100001) }}", "has more than 100000 numbers")]
    public void A_template_ends_at_its_limits(string template, string message) => Rendering.Text(template, limits: Small).ShouldContain(message);

    /// <summary>In a loop with few steps, whose texts are forgotten again at once.</summary>
    [Theory]
    [InlineData("x | upper")]
    [InlineData("x | lower")]
    [InlineData("x | capitalize")]
    [InlineData("x | title")]
    [InlineData("x | trim('a')")]
    [InlineData("x.upper()")]
    [InlineData("x.lower()")]
    [InlineData("x.capitalize()")]
    [InlineData("x.title()")]
    [InlineData("x.strip('b')")]
    [InlineData("x.lstrip()")]
    [InlineData("x.rstrip()")]
    [InlineData("x.partition('a')")]
    [InlineData("x.rpartition('a')")]
    [InlineData("x.removeprefix('a')")]
    [InlineData("x.removesuffix('a')")]
    [InlineData("[x, x] | sort")]
    [InlineData("[x] | unique")]
    [InlineData("[{}] | map(attribute=x) | list")]
    [InlineData("strftime_now(x)")]
    [InlineData("x | tojson")]
    [InlineData("{x: 1} | tojson")]
    [InlineData("[1, 2] | tojson(separators=(x, x))")]
    [InlineData("{'a': 1} | tojson(separators=(x, x))")]
    [InlineData("[1] | tojson(indent=x)")]
    public void Every_way_to_make_a_text_is_counted(string expression) =>
        Rendering.Text($"{{% set x = 'a' * 900 %}}{{% for i in range(20) %}}{{% set y = {expression} %}}{{% endfor %}}", limits: Small).ShouldContain("characters of text");

    /// <summary>None of them makes a text, so only their steps end the loop: 2000 turns of a text that costs 140 steps to look through.</summary>
    [Theory]
    [InlineData("x == y")]
    [InlineData("[x] == [y]")]
    [InlineData("x < y")]
    [InlineData("'b' in x")]
    [InlineData("x in {}")]
    [InlineData("{}.get(x)")]
    [InlineData("{x: 1}")]
    [InlineData("x.find('b')")]
    [InlineData("x.rfind('b')")]
    [InlineData("x.startswith(y)")]
    [InlineData("x.endswith((y, y))")]
    [InlineData("x.isalpha()")]
    [InlineData("x.isupper()")]
    [InlineData("x is upper")]
    [InlineData("x | int")]
    public void Looking_through_a_text_takes_steps(string expression)
    {
        var limits = Small with { Steps = 60_000, Characters = 1_000_000 };
        var loop = $"{{% for i in range(2000) %}}{{% set z = {expression} %}}{{% endfor %}}";
        Rendering.Text($"{{% set x = 'a' * 9000 %}}{{% set y = 'a' * 9000 %}}{loop}", limits: limits).ShouldContain("60000 steps");
        Rendering.Text($"{{% set x = 'a' %}}{{% set y = 'a' %}}{loop}", limits: limits).ShouldBe("");
    }

    /// <summary>A part of which all but the end fits everywhere is compared at every place.</summary>
    [Fact]
    public void A_long_part_that_nearly_fits_everywhere_costs_what_it_takes() =>
        Rendering.Text("{% set x = 'a' * 2000000 %}{{ ('a' * 1000000 ~ 'ba') in x }}").ShouldContain("steps");

    [Fact]
    public void A_rendering_ends_when_nobody_waits_for_it()
    {
        using var left = new CancellationTokenSource();
        left.Cancel();
        Should.Throw<OperationCanceledException>(() => Template.Parse("{{ 1 }}").Render([], TimeProvider.System, left.Token));
    }

    [Fact]
    public void The_ends_of_a_text_are_found_without_its_middle()
    {
        Rendering.Text("{% set x = '🦙' ~ 'a' * 2000 ~ '🦙' %}{{ x | first }}{{ x | last }}", limits: Small).ShouldBe("🦙🦙");
        Rendering.Text("{{ 'ab' | first }}{{ 'ab' | last }}{{ 'c' | last }}{{ '' | first }}{{ [1, 2] | last }}{{ {'k': 1, 'l': 2} | first }}{{ {'k': 1, 'l': 2} | last }}{{ [] | last }}").ShouldBe("abc2kl");
    }

    /// <summary>JSON may write six characters for one: they are counted before they are written.</summary>
    [Fact]
    public void Escapes_are_counted_before_they_are_written()
    {
        Rendering.Text("{{ ('\u0001' * 2000) | tojson | length }}", limits: Small).ShouldContain("characters of text");
        Rendering.Text("{{ ('é' * 2000) | tojson(ensure_ascii=true) | length }}", limits: Small).ShouldContain("characters of text");
        Rendering.Text("{{ ('\u0001' * 1000) | tojson | length }}", limits: Small with { Characters = 20_000 }).ShouldBe("6002");
    }

    [Fact]
    public void What_all_templates_may_cost_together_fits_a_small_machine() =>
        (TemplateLimits.Default.Characters, TemplateLimits.Default.Output).ShouldBe((64L << 20, 8 << 20));

    /// <summary>A text that is put together from a hundred thousand pieces is cut without looking at each of them.</summary>
    [Fact]
    public void A_cut_looks_only_at_what_it_cuts()
    {
        var ranges = new CountedRanges(100_000);
        var value = new StringValue(new string('a', 200_000), ranges);
        value.Slice(100_000, 4).Data.ShouldBe([new TextRange(0, 1), new TextRange(2, 1)]);
        value.Slice(1, 1).Data.ShouldBeEmpty();
        ranges.Looks.ShouldBeLessThan(100);
    }

    [Fact]
    public void A_template_that_is_too_long_is_not_read() =>
        Should.Throw<TemplateException>(() => Template.Parse(new string('x', 501), Small)).Message.ShouldBe("line 1: the template has 501 characters, more than 500");

    /// <summary>A walk over such a value would exhaust the stack, which ends the process.</summary>
    [Fact]
    public void A_list_of_lists_of_lists_has_a_bound() =>
        Rendering.Text("{% set n = namespace(x=[]) %}{% for i in range(100000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x }}").ShouldContain("lists and dicts nest more than 128 deep");

    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("{'a':")]
    [InlineData("not ")]
    [InlineData("-")]
    [InlineData("1 if 1 else ")]
    [InlineData("a[")]
    [InlineData("f(")]
    public void Deep_source_is_refused_and_never_exhausts_the_stack(string open) =>
        Should.Throw<TemplateException>(() => Template.Parse("{{ " + string.Concat(Enumerable.Repeat(open, 40_000 / open.Length)) + "1 }}"));

    [Fact]
    public void A_long_chain_of_operators_is_refused_when_it_runs() =>
        Rendering.Text("{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 50_000)) + " }}").ShouldContain("constructs nest more than 800 deep");

    /// <summary>Within the limits: 400 messages through the largest template of these tests.</summary>
    [Fact]
    public void A_long_conversation_is_rendered()
    {
        var message = """{"role":"user","content":"Hello"},{"role":"assistant","content":"Hello to you"}""";
        var messages = string.Join(',', Enumerable.Repeat(message, 200));
        Rendering.Text("{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}{% endfor %}", $$"""{"messages":[{{messages}}]}""").Length.ShouldBe(200 * "<user>Hello<assistant>Hello to you".Length);
    }

    /// <summary>Every second character.</summary>
    private sealed class CountedRanges(int count) : IReadOnlyList<TextRange>
    {
        public int Looks { get; private set; }

        public int Count => count;

        public TextRange this[int index]
        {
            get
            {
                Looks++;
                return new TextRange(2 * index, 1);
            }
        }

        public IEnumerator<TextRange> GetEnumerator() => Enumerable.Range(0, count).Select(index => this[index]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
