using System.CommandLine;
using System.CommandLine.Invocation;
using Sluice.Cli.Output;

namespace Sluice.Cli.Shell;

/// <summary>Prints the help of the command that the command line names.</summary>
internal sealed class HelpPrinter : SynchronousCommandLineAction
{
    /// <summary>Gets a value indicating that help is printed although arguments are missing.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Console.Write(HelpText.Of(parseResult.CommandResult.Command, WrappedText.OutputWidth));
        return ExitCodes.Success;
    }
}
