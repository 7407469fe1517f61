using System.Numerics.Tensors;
using AiFactory.Inference.Native;
using AiFactory.Inference.Rerank;
using AiFactory.ModelGenerator.Models;

namespace AiFactory.Inference.Tests.Rerank;

public sealed class RerankPromptTests(GeneratedModels models)
{
    [Fact]
    public void A_query_and_a_document_stand_between_the_vocabularys_marks()
    {
        using var model = LlamaModel.Open(models.Ranker);
        var (whole, query, document) = (new RerankPrompt(model).Tokenize("water", "the river"), Plain("water"), Plain("the river"));
        var (begin, end) = (model.Tokenize("x", addSpecial: true, parseSpecial: false)[0], model.Tokenize("x", addSpecial: true, parseSpecial: false)[^1]);
        whole.ShouldBe([begin, .. query, end, .. document, end]);

        int[] Plain(string text) => model.Tokenize(text, addSpecial: false, parseSpecial: false);
    }

    [Fact]
    public void A_template_is_filled_once_and_what_came_with_the_request_is_data()
    {
        var text = RerankPrompt.Render("Q: {query}{document} end", "a {document}", "b");
        text.Text.ShouldBe("Q: a {document}b end");
        var data = text.Data.ShouldHaveSingleItem();
        (data.Start, data.End).ShouldBe((3, 16));
    }

    /// <summary>The plain reference: the head's sum over the first token's state, which the same model without a head gives.</summary>
    [Fact]
    public void A_rank_is_the_sum_of_its_head()
    {
        var (weight, bias) = EmbeddingModel.RankHead(GeneratedModels.RankerOptions);
        foreach (var (query, document) in new[] { ("water", "the river is wide"), ("the river is wide", "water"), ("a garden", "stones") })
        {
            var tokens = Tokens(models.Ranker, query, document);
            var rank = Compute(models.Ranker, tokens).ShouldHaveSingleItem();
            rank.ShouldBe(TensorPrimitives.Dot<float>(weight, Compute(models.FirstToken, tokens)) + bias, 1e-3f);
        }
    }

    private static int[] Tokens(string path, string query, string document)
    {
        using var model = LlamaModel.Open(path);
        return new RerankPrompt(model).Tokenize(query, document);
    }

    private static float[] Compute(string path, int[] tokens)
    {
        using var model = LlamaModel.Open(path);
        using var context = LlamaContext.Open(model, new LlamaContextOptions(512, 512, 512, 1, 1, 0, Embeddings: true, UnifiedCache: true));
        var batch = new LlamaBatchBuffer(512);
        for (var i = 0; i < tokens.Length; i++)
        {
            batch.Add(tokens[i], i, 0, output: true);
        }

        context.Decode(batch).ShouldBe(LlamaDecodeResult.Done);
        return context.GetSequenceEmbedding(0).ToArray();
    }
}
