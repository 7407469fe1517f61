using AiFactory.Builder.Models;

namespace AiFactory.Builder.Tests.Models;

public sealed class PassagePromptTests
{
    [Fact]
    public void A_passage_is_one_line_whose_headings_are_sentences_of_their_own()
    {
        var prompt = PassagePrompt.Write("Be kind.", ["Answer in\none word."], ["Start and stop\n\nPress Ctrl+C.\r\nIt ends\nall.\n\nhelm install x\n\nDone", "Nothing else"]);

        prompt.ShouldBe(
            """
            Be kind.
            Rule: Answer in one word.
            Answer only from the passages below and cite them as [n].

            [1] Start and stop. Press Ctrl+C. It ends all. helm install x Done
            [2] Nothing else
            """,
            StringCompareShould.IgnoreLineEndings);
    }

    [Fact]
    public void Without_words_of_anybody_there_is_no_message() => PassagePrompt.Write(" ", [], []).ShouldBeNull();
}
