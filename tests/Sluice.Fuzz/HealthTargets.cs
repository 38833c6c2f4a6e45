using Sluice.Hosting;
using static Sluice.Fuzz.Decoding;

namespace Sluice.Fuzz;

/// <summary>What the end point for health checks reads.</summary>
internal static class HealthTargets
{
    /// <summary>Reads a request, which a PROXY header may precede.</summary>
    public static void Request(byte[] data)
    {
        if (data.Length < 1)
        {
            return;
        }

        byte[] bytes = data[1..];
        string whole = Method(bytes, int.MaxValue);
        Same(whole, Method(bytes, 1));
        Same(whole, Method(bytes, data[0] + 1));
    }

    private static string Method(byte[] bytes, int fragment)
    {
        try
        {
            return HealthRequest.ReadMethodAsync(Open(bytes, fragment), CancellationToken.None).AsTask().GetAwaiter().GetResult() ?? "none";
        }
        catch (Exception exception) when (exception is IOException or FormatException or InvalidDataException)
        {
            return exception.GetType().Name;
        }
    }
}
