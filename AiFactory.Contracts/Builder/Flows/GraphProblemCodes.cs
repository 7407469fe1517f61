namespace AiFactory.Contracts.Builder.Flows;

/// <summary>What can be wrong with a graph.</summary>
public static class GraphProblemCodes
{
    public const string TooLarge = "too_large";
    public const string BadNodeId = "bad_node_id";
    public const string DuplicateId = "duplicate_id";
    public const string UnknownStep = "unknown_step";
    public const string UnknownNode = "unknown_node";
    public const string UnknownPort = "unknown_port";
    public const string WrongType = "wrong_type";
    public const string PortTaken = "port_taken";
    public const string Cycle = "cycle";
    public const string NoInput = "no_input";
    public const string SecondInput = "second_input";
    public const string NoOutput = "no_output";
    public const string InputNotConnected = "input_not_connected";
    public const string SettingMissing = "setting_missing";
    public const string SettingUnknown = "setting_unknown";
    public const string SettingInvalid = "setting_invalid";
    public const string UnknownVariable = "unknown_variable";

    /// <summary>A step runs a flow that the project does not have.</summary>
    public const string UnknownFlow = "unknown_flow";

    /// <summary>A step runs a flow that cannot be run by itself.</summary>
    public const string BrokenFlow = "broken_flow";

    /// <summary>A flow reaches itself by the flows that its steps run.</summary>
    public const string Recursion = "recursion";

    /// <summary>Flows run flows that run flows, more levels than may be.</summary>
    public const string TooDeep = "too_deep";
}
