using AiFactory.Inference.Reasoning;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tests.Templates;

namespace AiFactory.Inference.Tests.Reasoning;

/// <summary>What families' own templates write around thoughts is read back, and their prompts say where an answer begins.</summary>
public sealed class FamilyThoughtTests
{
    private const string Rest = "\"bos_token\":\"<s>\",\"eos_token\":\"</s>\"";
    private const string User = """{"role":"user","content":"Rain?"}""";

    [Fact]
    public async Task Prompts_say_where_an_answer_begins()
    {
        var places = new List<string>();
        foreach (var (name, template) in await HuggingFaceJinja.KnownTemplatesAsync())
        {
            if (ReasoningFormats.Find(template) is not { } format)
            {
                continue;
            }

            places.Add($"{name}: {Place(format, template, "")} {Place(format, template, ",\"enable_thinking\":true")} {Place(format, template, ",\"enable_thinking\":false")}");
        }

        // By default, with enable_thinking true, and false.
        string.Join('\n', places).ShouldBe(
            """
            Apriel-1.6-15b-Thinker-fixed: Inside Inside Inside
            Bielik-11B-v3.0-Instruct: Before Inside Before
            ByteDance-Seed-OSS: Before Before Before
            Cohere2MoE: Inside Inside Inside
            CohereForAI-c4ai-command-r7b-12-2024-tool_use: Over Before Over
            GLM-4.6: Before Before Over
            GLM-4.7-Flash: Inside Inside Over
            HuggingFaceTB-SmolLM3-3B: Before Before Over
            Kimi-K2-Thinking: Before Before Before
            LFM2.5-8B-A1B: Before Before Before
            LFM2.5-Instruct: Before Before Before
            MiniMax-M2: Inside Inside Inside
            MiniMax-M3: Before Before Before
            NVIDIA-Nemotron-3-Nano-30B-A3B-BF16: Inside Inside Over
            NVIDIA-Nemotron-Nano-v2: Inside Inside Inside
            Qwen-QwQ-32B: Over Inside Over
            Qwen-Qwen3-0.6B: Before Before Over
            Qwen3.5-4B: Inside Inside Over
            Reka-Edge: Before Inside Before
            Spark2.5: Inside Inside Over
            StepFun3.5-Flash: Inside Inside Inside
            deepseek-ai-DeepSeek-R1-Distill-Llama-8B: Inside Inside Inside
            deepseek-ai-DeepSeek-R1-Distill-Qwen-32B: Over Inside Over
            deepseek-ai-DeepSeek-V3.1: Over Inside Over
            deepseek-ai-DeepSeek-V3.2: Over Inside Over
            deepseek-ai-DeepSeek-V4-Flash-0731: Over Inside Over
            deepseek-ai-DeepSeek-V4: Over Inside Over
            google-gemma-4-31B-it-interleaved: Over Before Over
            google-gemma-4-31B-it: Over Before Over
            ibm-granite-granite-3.3-2B-Instruct: Before Before Before
            inclusionai-ling-3.0-flash: Inside Inside Over
            llama-cpp-deepseek-r1: Inside Inside Inside
            llama-cpp-rwkv-world: Before Inside Over
            mistralai-Ministral-3-14B-Reasoning-2512: Before Before Before
            openai-gpt-oss-120b: Before Before Before
            openbmb-MiniCPM5-1B: Before Inside Over
            poolside-Laguna-S-2.1: Inside Inside Over
            poolside-Laguna-XS-2.1: Over Inside Over
            poolside-Laguna-XS.2: Over Inside Over
            """);
    }

    [Fact]
    public async Task What_a_template_writes_is_read()
    {
        var (done, wrong) = (new List<string>(), new List<string>());
        foreach (var (name, template) in await HuggingFaceJinja.KnownTemplatesAsync())
        {
            if (ReasoningFormats.Find(template) is not { } format || Render(template) is not { } written || !written.Contains("Wet clouds", StringComparison.Ordinal))
            {
                continue;
            }

            var begin = written.IndexOf(format.Begin, StringComparison.Ordinal);
            var place = begin < 0 ? ReasoningPlace.Inside : ReasoningPlace.Before;
            var reader = new ThoughtReader(format, place);
            var parts = reader.Append(written[Math.Max(0, begin)..]).Concat(reader.Finish()).ToList();
            var (thought, answer) = (Text(parts, ThoughtPart.Thought), Text(parts, ThoughtPart.Answer));
            (thought.EndsWith("Wet clouds <b>.", StringComparison.Ordinal) && answer.StartsWith("It rains.", StringComparison.Ordinal) ? done : wrong).Add($"{name}: {place} '{thought}' '{answer}' of {written}");
        }

        wrong.ShouldBeEmpty();
        done.Count.ShouldBeGreaterThan(15, string.Join("\n", done));
    }

    private static string? Render(string template)
    {
        foreach (var key in (string[])["reasoning_content", "reasoning", "thinking"])
        {
            var answer = $$"""{"role":"assistant","content":"It rains.","{{key}}":"Wet clouds <b>."}""";
            var before = Rendering.Text(template, $$"""{"messages":[{{User}}],"add_generation_prompt":false,"enable_thinking":true,"thinking":true,{{Rest}}}""");
            var after = Rendering.Text(template, $$"""{"messages":[{{User}},{{answer}}],"add_generation_prompt":false,"enable_thinking":true,"thinking":true,{{Rest}}}""");
            var common = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
            if (after[common..].Contains("Wet clouds", StringComparison.Ordinal))
            {
                return after[common..];
            }
        }

        return null;
    }

    private static string Place(ReasoningFormat format, string template, string more)
    {
        try
        {
            return format.PlaceOf(Rendering.Value(template, $$"""{"messages":[{{User}}],"add_generation_prompt":true{{more}},{{Rest}}}""")).ToString();
        }
        catch (AiFactory.Inference.Templates.TemplateException)
        {
            return "fails";
        }
    }

    private static string Text(IEnumerable<(ThoughtPart Part, string Text)> parts, ThoughtPart part) => string.Concat(parts.Where(one => one.Part == part).Select(one => one.Text));

    [Fact]
    public void A_message_that_ends_with_a_mark_opens_nothing()
    {
        ReasoningFormats.Think.PlaceOf(new StringValue("user: <think>", [new TextRange(6, 7)])).ShouldBe(ReasoningPlace.Before);
        ReasoningFormats.Think.PlaceOf(new StringValue("user: <think>", [new TextRange(0, 6)])).ShouldBe(ReasoningPlace.Inside);
    }
}
