using System.ComponentModel;
using System.Diagnostics;

namespace Sluice.Bench;

/// <summary>Compiles the C server once a run.</summary>
internal static class PlainCProgram
{
    private static string? s_program;

    /// <summary>The program; null, and why, where there is no compiler.</summary>
    public static (string[]? Command, string? Reason) Build()
    {
        if (s_program is not null)
        {
            return (Command(s_program), null);
        }

        string program = Path.Combine(AppContext.BaseDirectory, "epoll_echo");
        try
        {
            using Process compiler = Process.Start("gcc", ["-O2", "-o", program, Path.Combine(AppContext.BaseDirectory, "peers", "epoll_echo.c")]);
            compiler.WaitForExit();
            if (compiler.ExitCode == 0)
            {
                s_program = program;
                return (Command(program), null);
            }

            return (null, $"gcc ended with {compiler.ExitCode}");
        }
        catch (Win32Exception)
        {
            return (null, "no C compiler (gcc)");
        }
    }

    private static string[] Command(string program) => [program, "0"];
}
