namespace Sluice.TestKit;

/// <summary>What the SDK adds to a program, for sources that a test compiles.</summary>
internal static class ImplicitUsings
{
    // The implicit usings of Microsoft.NET.Sdk: https://learn.microsoft.com/dotnet/core/project-sdk/overview#implicit-using-directives
    public const string Source = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;
}
