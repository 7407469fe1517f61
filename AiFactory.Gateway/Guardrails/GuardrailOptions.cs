using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Guardrails;

/// <summary>The settings under <c>Guardrails</c>. The rules themselves are the library's.</summary>
internal sealed class GuardrailOptions
{
    public const string Section = "Guardrails";

    /// <summary>Characters of the texts of one request that rules are held against; with more it is refused. The longest contexts of today take about as many.</summary>
    [Range(1024, 1 << 28, ErrorMessage = "Guardrails:MostCharacters must lie between 1024 and 268435456.")]
    public int MostCharacters { get; set; } = 4 * 1024 * 1024;

    /// <summary>Bytes of the largest answer that rules are held against whole; a larger one does not pass. A stream has no such bound.</summary>
    [Range(1 << 20, 1 << 28, ErrorMessage = "Guardrails:MostAnswerBytes must lie between 1048576 and 268435456.")]
    public int MostAnswerBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Answers of over 256 KiB that rules hold in memory at once; the others wait, and their models with them. Each takes up to some ten times its bytes.</summary>
    [Range(1, 10_000, ErrorMessage = "Guardrails:LargeAnswersAtOnce must lie between 1 and 10000.")]
    public int LargeAnswersAtOnce { get; set; } = 2;

    /// <summary>
    /// How long a request with long texts waits for its turn to be looked at, of which half as many go on at once as there are processors, and beside them a quarter as many long moderations and trials of
    /// own rules, one of each project; and how long one whose texts a model judges waits for its turn.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00", ErrorMessage = "Guardrails:Wait must lie between 10 milliseconds and five minutes.")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a model that judges topics may take over one question: 32 windows of texts, where vectors are asked for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00", ErrorMessage = "Guardrails:JudgeTimeout must lie between 10 milliseconds and five minutes.")]
    public TimeSpan JudgeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Windows of up to 500 bytes of one request, or of one whole answer, that a model judges, at least one for each message; with more it does not pass where a rule blocks. All texts of a moderation are one request.</summary>
    [Range(1, 4096, ErrorMessage = "Guardrails:MostWindows must lie between 1 and 4096.")]
    public int MostWindows { get; set; } = 256;

    /// <summary>Requests, answers and windows of streams that are with the models that judge them at once, of one project half as many; each has some megabytes of vectors in memory at worst. Others wait: requests for <see cref="Wait"/>.</summary>
    [Range(1, 10_000, ErrorMessage = "Guardrails:JudgedAtOnce must lie between 1 and 10000.")]
    public int JudgedAtOnce { get; set; } = 32;
}
