namespace AiFactory.Inference.Tools;

internal enum JsonScan
{
    /// <summary>The character belongs to the value, which goes on.</summary>
    More,

    /// <summary>The character ends the value.</summary>
    Ended,

    /// <summary>The value ended before the character: it is a number.</summary>
    EndedBefore,

    /// <summary>With the character it is no JSON.</summary>
    Fault,
}
