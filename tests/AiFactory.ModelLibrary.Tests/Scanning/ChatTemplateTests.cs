using AiFactory.ModelLibrary.Scanning;

namespace AiFactory.ModelLibrary.Tests.Scanning;

public class ChatTemplateTests
{
    [Theory]
    [InlineData("{{ ''.__class__.__mro__[1].__subclasses__() }}", "reaches for Python's insides")]
    [InlineData("{{ cycler['\\x5f\\x5finit\\x5f\\x5f'] }}", "hides an underscore")]
    [InlineData("{% import 'os' as o %}", "loads other code")]
    [InlineData("{%- include '/etc/passwd' %}", "loads other code")]
    [InlineData("{{ x.os.popen('id') }}", "loads other code")]
    [InlineData("{{ messages|attr('format') }}", "a construct that no message needs")]
    [InlineData("{{ lipsum }}", "a construct that no message needs")]
    [InlineData("{% for i in range(1000000000) %}x{% endfor %}", "loops without measure")]
    [InlineData("a\0b", "control characters")]
    public void A_hostile_template_is_a_finding(string template, string complaint)
    {
        var findings = ChatTemplateRules.Check("tokenizer.chat_template", 7, template).ToList();

        findings.ShouldContain(finding => finding.Reason.Contains(complaint, StringComparison.Ordinal));
        findings[0].Offset.ShouldBe(7);
    }

    [Fact]
    public void An_over_long_template_is_a_finding() =>
        ChatTemplateRules.Check("tokenizer.chat_template", 0, new string('x', ChatTemplateRules.MaximumLength + 1)).ShouldHaveSingleItem().Reason.ShouldContain("characters long");

    [Theory]
    [InlineData("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")]
    [InlineData("{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% else %}{% set ns = namespace(found=false) %}{% endif %}{{ tools | tojson(indent=4) }}")]
    [InlineData("To import or include a file, open (it) and eval (it): the text around is no program.{{ messages }}")]
    public void A_template_that_formats_messages_is_none(string template) => ChatTemplateRules.Check("tokenizer.chat_template", 0, template).ShouldBeEmpty();
}
