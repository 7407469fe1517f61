using AiFactory.Inference.Templates;

namespace AiFactory.Inference.Tests.Templates;

public sealed class TemplateTests
{
    /// <summary>The right sides are what Jinja 3.1.6 gives with transformers' settings. Where npm's interpreter departs from Python, Python counts: models are trained with it.</summary>
    [Theory]
    [InlineData("{{ true }} {{ none }} {{ [1, 'a', none, true] }} {{ {'a': \"it's\", 'b': [1.0]} }} {{ (1,) }}", "True None [1, 'a', None, True] {'a': \"it's\", 'b': [1.0]} (1,)")]
    [InlineData("{{ 1e16 }} {{ 1e15 }} {{ 0.0001 }} {{ 0.00001 }} {{ 1/3 }} {{ 100.0 }}", "1e+16 1000000000000000.0 0.0001 1e-05 0.3333333333333333 100.0")]
    [InlineData("{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 3 }} {{ 2 ** -1 }} {{ -1 | abs }} {{ -7.5 % 2 }}", "-4 2 -2 8 0.5 1 0.5")]
    [InlineData("{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ [1, 2] < [1, 3] }} {{ 1 == true }} {{ {'a': 1} == {'a': 1.0} }}", "True False True True True")]
    [InlineData("{{ missing }}|{{ missing | length }}|{{ missing | list }}|{{ missing ~ 'a' }}|{{ none.x }}|{{ {}.x }}", "|0|[]|a||")]
    [InlineData("{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 5 %}{% endfor %}{{ x }}", "111")]
    [InlineData("{{ {'items': 1}['items'] }} {{ {'a': 1}.items() | list }} {{ [1, 2]['0'] }}|{{ [1, 2].0 }}|{{ [1, 2][5] }}", "1 [('a', 1)] |1|")]
    [InlineData("{{ '🦙abc'[1] }} {{ '🦙abc' | length }} {{ '🦙abc'[:2] }} {{ '🦙abc'[::-1] }} {% for c in 'é🦙' %}{{ c }}.{% endfor %}", "a 4 🦙a cba🦙 é.🦙.")]
    [InlineData("{{ ' a b c '.split(none, 1) }} {{ ' a  b  c '.rsplit(maxsplit=2) }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ''.split() }}", "['a', 'b c '] [' a', 'b', 'c'] ['a', 'b,c'] ['a,b', 'c'] []")]
    [InlineData("{{ 'x=y=z'.partition('=') }} {{ 'x=y=z'.rpartition('=') }} {{ 'banana'.count('an') }} {{ 'abc'.replace('', '-') }} {{ 'xxaxx'.strip('x') }}", "('x', '=', 'y=z') ('x=y', '=', 'z') 2 -a-b-c- a")]
    [InlineData("{{ ['b', 'A', 'a', 'B'] | sort }} {{ ['b', 'A', 'a', 'B'] | unique | list }} {{ {'b': 1, 'A': 2} | dictsort }} {{ [{'n': 2}, {'n': 1}] | map(attribute='n') | max }}", "['A', 'a', 'b', 'B'] ['b', 'A'] [('A', 2), ('b', 1)] 2")]
    [InlineData("{{ {'b': 1, 'a': []} | tojson(sort_keys=true) }} {{ {'a': 1, 'b': 2} | tojson(separators=(',', ':')) }} {{ 'é🦙' | tojson(ensure_ascii=true) }} {{ '<&>' | tojson }} ", """{"a": [], "b": 1} {"a":1,"b":2} "\u00e9\ud83e\udd99" "<&>" """)]
    [InlineData("{{ \"they're bill's\" | title }} {{ 'aBC' | capitalize }} {{ 2.5 | round }} {{ 5 | round }} {{ 2.345 | round(2) }}", "They're Bill's Abc 2.0 5 2.35")]
    [InlineData("{% for x in [1, 2, 3] if x != 2 %}{{ loop.index }}:{{ x }}:{{ loop.previtem }}:{{ loop.nextitem }} {% endfor %}", "1:1::3 2:3:1: ")]
    [InlineData("{% for i in [1, 2, 3] %}{{ loop.cycle('a', 'b') }}{{ loop.changed(i > 1) }} {% endfor %}", "aTrue bTrue aFalse ")]
    [InlineData("a\n  {%- if true %}\n b {% endif -%}\n  c\n{# x #}\nd\n  {# y -#}  \n e {%+ if true +%}\n f{% endif %}\n", "a b c\nd\ne \n f")]
    [InlineData("  {{ 'a' }}  \n  {%+ if true %}b{% endif %}\n\t{% if true %}\n\tc\n\t{% endif %}\t\nd\n\n", "  a  \n  b\tc\n\t\nd\n")]
    [InlineData("x {%- raw -%} {{ no }} {% nor %} {%- endraw -%} y", "x{{ no }} {% nor %}y")]
    [InlineData("{{ 'a' 'b' }} {{ '\\x41\\u00e9\\q' }} {{ 1_000 }} {{ {'a': {'b': 1}}}}", "ab Aé\\q 1000 {'a': {'b': 1}}")]
    [InlineData("{{ strftime_now('%d %b %Y %A %B %j %H:%M:%S %p %-d %y %%') }}", "05 Mar 2026 Thursday March 064 09:04:07 AM 5 26 %")]
    [InlineData("{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }} {{ f(1, b=3) }} {{ f() }}|", "11 13 |")]
    [InlineData("{% macro f(x) %}{{ caller(x) }}{% endmacro %}{% call(v) f(3) %}<{{ v }}>{% endcall %}", "<3>")]
    [InlineData("{% set y | trim | upper %} q {% endset %}[{{ y }}]{% filter upper | replace('A', 'x') %}abc{% endfilter %}", "[Q]xBC")]
    [InlineData("{{ {1: 'a', true: 'b', 'x': 2} }} {{ {0: 1} | tojson }} {{ {2: 'a'}.get(2) }} {{ 2.0 in {2: 0} }} {% for k, v in {2: 1, 1: 2} | dictsort %}{{ k }}{{ v }}{% endfor %}", "{1: 'b', 'x': 2} {\"0\": 1} a True 1221")]
    [InlineData("{{ 'a{}b{}'.format(1, 'x') }} {{ '{1}{0}{{}}{n}'.format('a', 'b', n=none) }}", "a1bx ba{}None")]
    [InlineData("{{ none | map('upper') | list }} {{ none | selectattr('a') | list }} {{ 0 | reject | list }}", "[] [] []")]
    [InlineData("{{ 'abc'[::9223372036854775807] }} {{ 'abc'[2::-9223372036854775807] }} {{ [1, 2, 3][1::9223372036854775806] }} {{ [][::5] }} {{ 'abcd'[:-9223372036854775807] }}", "a c [2] [] ")]
    [InlineData("{{ 9223372036854775806 % 9223372036854775807 }} {{ -7 % 9223372036854775807 }} {{ 7 % -9223372036854775807 }} {{ -6 % 3 }} {{ -7 % -3 }} {{ 5 % -1 }}", "9223372036854775806 9223372036854775800 -9223372036854775800 0 -1 0")]
    [InlineData("{{ 'abcabc'.find('b', 2) }} {{ 'abcabc'.find('b', 2, 4) }} {{ 'abcabc'.rfind('b', 0, 4) }} {{ 'abcabc'.find('b', -2) }} {{ '🦙ab🦙b'.find('b', 3) }} {{ 'abc'.find('', 4) }} {{ 'abc'.find('', 3) }} {{ 'abc'.find('c', none, none) }}", "4 -1 1 4 4 -1 3 2")]
    [InlineData("{{ 'banana'.count('an', 2) }} {{ 'banana'.count('a', 1, -1) }} {{ 'banana'.count('', 4) }} {{ 'banana'.count('a', 5, 2) }}", "1 2 3 0")]
    public void Python_is_the_measure(string template, string expected) => Rendering.Text(template).ShouldBe(expected);

    /// <summary>json.loads and json.dumps would write 1.50 as 1.5, and 1e2 as 100.0; a model shall see what was sent.</summary>
    [Fact]
    public void A_requests_numbers_keep_their_text() =>
        Rendering.Text("{{ x | tojson }} {{ x[0] + 1 }}", """{"x":[1.50,1e2,123456789012345678901234567890,-0,7]}""").ShouldBe("[1.50, 1e2, 123456789012345678901234567890, -0, 7] 2.5");

    [Theory]
    [InlineData("a\n{{ missing.x }}", "line 2: 'missing' is undefined, so it has no 'x'")]
    [InlineData("{{ {}.x.y }}", "line 1: dict has no 'x', so it has no 'y'")]
    [InlineData("{{ 'a' + 1 }}", "line 1: '+' does not take str and int")]
    [InlineData("{{ missing + 1 }}", "line 1: 'missing' is undefined")]
    [InlineData("{% for x in none %}{% endfor %}", "line 1: 'for' loops over a list, a dict or a text, not None")]
    [InlineData("\n\n{{ [1] | join(1, 2, 3) }}", "line 3: filter 'join': takes at most 2 arguments, not 3")]
    [InlineData("{{ 1 | tojson(depth=1) }}", "line 1: filter 'tojson': has no argument 'depth'")]
    [InlineData("{{ a | nosuch }}", "line 1: the filter 'nosuch' is not supported")]
    [InlineData("{{ a is nosuch }}", "line 1: the test 'nosuch' is not supported")]
    [InlineData("{{ 'a'.find('a', 'b') }}", "line 1: 'find': 'a bound' is a whole number, not str")]
    [InlineData("{{ 'a'.count('a', 1, 2, 3) }}", "line 1: 'count': takes at most 3 arguments, not 4")]
    [InlineData("{{ 1 // 0 }}", "line 1: division by zero")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "line 1: a whole number exceeds 64 bits")]
    [InlineData("{{ 1 < 'a' }}", "line 1: int and str have no order")]
    [InlineData("{{ [2, 'a'] | sort }}", "line 1: ")]
    [InlineData("{% set d = {} %}{% set d.x = 1 %}", "line 1: 'set d.x': 'd' is no namespace")]
    [InlineData("{{ raise_exception('roles must alternate') }}", "line 1: roles must alternate")]
    public void A_fault_names_its_line_and_construct(string template, string message) => Rendering.Text(template).ShouldStartWith($"({message}");

    [Fact]
    public void What_a_template_raises_is_told_in_part_when_it_is_long() =>
        Rendering.Text("{{ raise_exception('x' * 100000) }}").ShouldBe($"(line 1: {new string('x', 500)}...)");

    [Theory]
    [InlineData("{% if x %}", "line 1: expected 'elif' or 'else' or 'endif', found the end of the template")]
    [InlineData("\n{{ 1 + }}", "line 2: expected an expression, found '}}'")]
    [InlineData("{% endfor %}", "line 1: 'endfor' ends what is not open")]
    [InlineData("{{ 'a }}", "line 1: the string has no end")]
    [InlineData("{{ a", "line 1: '{{' has no '}}'")]
    [InlineData("{# a", "line 1: the comment has no end")]
    [InlineData("{% include 'x' %}", "line 1: the statement 'include' is not supported")]
    [InlineData("{% import 'x' as y %}", "line 1: the statement 'import' is not supported")]
    [InlineData("{% break %}", "line 1: 'break' stands outside of a loop")]
    [InlineData("{{ (1, 2 }}", "line 1: unexpected '}'")]
    [InlineData("{{ f(*x) }}", "line 1: arguments spread by '*' are not supported")]
    [InlineData("{% for x in y recursive %}{% endfor %}", "line 1: a recursive 'for' is not supported")]
    public void What_cannot_be_read_is_refused(string template, string message) => Should.Throw<TemplateException>(() => Template.Parse(template)).Message.ShouldBe(message);

    [Theory]
    [InlineData("{{ ''.__class__ }}")]
    [InlineData("{{ ''['__class__'] }}")]
    [InlineData("{{ range.__globals__ }}")]
    [InlineData("{{ messages.GetType }}{{ messages.Items }}{{ 'x'.Length }}")]
    public void Nothing_of_the_runtime_can_be_reached(string template) => Rendering.Text(template, """{"messages":[]}""").ShouldBe("");

    [Theory]
    [InlineData("{{ [1].append(2) }}")]
    [InlineData("{{ {'a': 1}.update({'b': 2}) }}")]
    [InlineData("{{ messages.pop() }}")]
    public void Nothing_can_be_changed(string template) => Rendering.Text(template, """{"messages":[1]}""").ShouldContain("which a template may not");
}
