using System.ComponentModel;
using System.Diagnostics;

namespace Sluice.Bench;

/// <summary>Compiles the C server once a run.</summary>
internal static class PlainCProgram
{
    private static string? s_program;

    /// <summary>The program; null, and why, where there is no compiler.</summary>
    public static string? Build(out string? reason)
    {
        reason = null;
        if (s_program is not null)
        {
            return s_program;
        }

        string program = Path.Combine(AppContext.BaseDirectory, "epoll_echo");
        try
        {
            using Process compiler = Process.Start("gcc", ["-O2", "-o", program, Path.Combine(AppContext.BaseDirectory, "peers", "epoll_echo.c")]);
            compiler.WaitForExit();
            if (compiler.ExitCode == 0)
            {
                return s_program = program;
            }

            reason = $"gcc ended with {compiler.ExitCode}";
        }
        catch (Win32Exception)
        {
            reason = "no C compiler (gcc)";
        }

        return null;
    }
}
