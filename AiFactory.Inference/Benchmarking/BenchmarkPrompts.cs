using System.Text;

namespace AiFactory.Inference.Benchmarking;

/// <summary>
/// Prompts of about so many tokens, for a server whose tokeniser is not known here: two short requests tell by their usage how many tokens a word has, and how many
/// the chat template adds.
/// </summary>
internal sealed class BenchmarkPrompts(BenchmarkSettings settings, double tokensPerWord, double tokensAround)
{
    private const int FewWords = 32;
    private const int ManyWords = 160;

    // Common, short, and in most vocabularies a token each.
    private static readonly string[] s_words =
        ("the of and to in is that for it was on are as with they be at one have this from by hot but what some you had out other were all your when up use word how said each " +
         "she which do their time if will way about many then them would write like so these her long make thing see him two has look more day could go come did my sound no most " +
         "number who over know water than call first people may down side been now find any new work part take get place made live where after back little only round man year came " +
         "show every good me give our under name very through just form much great think say help low line before turn cause same mean move right boy old too does tell sentence set").Split(' ');

    /// <summary>Asks the server how long its words are.</summary>
    public static async Task<BenchmarkPrompts> MeasureAsync(BenchmarkSettings settings, BenchmarkClient client, CancellationToken cancellationToken)
    {
        var words = new Random(settings.Seed);
        var few = await client.SendAsync(Words(words, FewWords), 1, keepText: false, cancellationToken);
        var many = await client.SendAsync(Words(words, ManyWords), 1, keepText: false, cancellationToken);
        var perWord = (double)(many.PromptTokens - few.PromptTokens) / (ManyWords - FewWords);
        return perWord > 0
            ? new BenchmarkPrompts(settings, perWord, Math.Max(0, few.PromptTokens - (FewWords * perWord)))
            : throw new BenchmarkException($"The server's usage tells no prompt tokens ({few.PromptTokens} for {FewWords} words, {many.PromptTokens} for {ManyWords}): the length of prompts cannot be set.");
    }

    /// <summary>The prompt of one request: the shared words, then its own. The same seed and index give the same.</summary>
    public string Make(int index)
    {
        var count = Math.Max(1, (int)Math.Round((settings.PromptTokens - tokensAround) / tokensPerWord));
        var shared = (int)Math.Round(count * settings.SharedPrefix);
        var text = new StringBuilder(Words(new Random(settings.Seed), shared));
        if (shared < count)
        {
            text.Append(shared > 0 ? " " : "").Append(Words(new Random(unchecked((settings.Seed * 1_000_003) + index + 1)), count - shared));
        }

        return text.ToString();
    }

    private static string Words(Random random, int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => s_words[random.Next(s_words.Length)]));
}
