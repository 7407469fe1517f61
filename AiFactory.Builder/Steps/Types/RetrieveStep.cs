using System.Text.Json;
using AiFactory.Builder.Knowledge.Search;
using AiFactory.Builder.Models;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Knowledge;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>Passages of a knowledge base that fit a question.</summary>
internal sealed class RetrieveStep(KnowledgeSearch search) : IStepType
{
    private const string KnowledgeBase = "knowledgeBase";
    private const string Documents = "documents";

    private static readonly StepPolicy Waits = new(TimeSpan.FromSeconds(30), 2);

    public StepTypeResponse Description { get; } = new(
        "retrieve", "Retrieve", "Finds the passages of a knowledge base that fit a question.",
        [Needs("text", PortTypes.Text)],
        [Gives("passages", PortTypes.Passages), Gives("text", PortTypes.Text)],
        [
            new(KnowledgeBase, "Knowledge base", SettingKinds.KnowledgeBase, Required: true),
            new("limit", "Passages", SettingKinds.Number, Default: Default(4), Help: "How many are found at most.", Min: 1, Max: 20),
            new("mode", "Search", SettingKinds.Select, Default: Default(SearchModes.Hybrid), Options: [SearchModes.Hybrid, SearchModes.Vector, SearchModes.Text]),
            new(Documents, "Documents", SettingKinds.LongText, Help: "Only these, by their names, one a line; all when empty."),
            .. Waiting(Waits),
        ]);

    public StepPolicy Policy => Waits;

    public async Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        var question = context.Inputs.Text("text") ?? "";
        if (string.IsNullOrWhiteSpace(question))
        {
            return Found([]);
        }

        var settings = context.Settings;
        try
        {
            return Found(await search.SearchAsync(
                context.Project,
                settings.Text(KnowledgeBase),
                new SearchRequest(question, settings.Integer("limit") ?? 4, settings.Text("mode"), settings.Text(Documents).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
                cancellationToken));
        }
        catch (KnowledgeSearchException error)
        {
            return new StepOutcome.Failed(error.Message, error.IsTransient);
        }
    }

    private static StepOutcome.Done Found(IReadOnlyList<Passage> passages) => StepOutcome.Of(
        ("passages", JsonSerializer.SerializeToElement(passages, JsonSerializerOptions.Web)),
        ("text", PortValues.Text(PassagePrompt.Number([.. passages.Select(passage => passage.Text)]))));
}
