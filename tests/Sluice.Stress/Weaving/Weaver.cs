using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using Sluice.Stress.Kernel;
using MethodBody = Mono.Cecil.Cil.MethodBody;

namespace Sluice.Stress.Weaving;

/// <summary>
/// Puts a call of <see cref="Yields.At"/> before and after each step of an assembly that another thread can see, and <see cref="HostileKernel"/> in the place
/// of the system calls that it has.
/// </summary>
internal static class Weaver
{
    private const string SystemCalls = "Sluice.Engine.Interop.Libc";

    private static readonly HashSet<string> s_types =
    [
        "System.Threading.Interlocked", "System.Threading.Volatile", "System.Threading.Monitor", "System.Threading.Lock", "System.Threading.Lock/Scope",
        "System.Threading.CancellationTokenSource", "System.Threading.CancellationTokenRegistration", "System.Threading.Tasks.TaskCompletionSource",
        "System.Threading.Tasks.TaskCompletionSource`1", "System.Threading.Tasks.Sources.ManualResetValueTaskSourceCore`1",
        SystemCalls, typeof(HostileKernel).FullName!,
    ];

    /// <summary>Rewrites the file, unless that is done already.</summary>
    /// <returns>How many steps there are; 0 if it was done already.</returns>
    public static int Weave(string path)
    {
        int count = 0;
        using (var assembly = AssemblyDefinition.ReadAssembly(path, new ReaderParameters { InMemory = true }))
        {
            ModuleDefinition module = assembly.MainModule;
            if (module.AssemblyReferences.Any(reference => reference.Name == typeof(Yields).Assembly.GetName().Name))
            {
                return 0;
            }

            Dictionary<string, MethodReference> kernel = typeof(HostileKernel).GetMethods(BindingFlags.Public | BindingFlags.Static)
                .Where(method => !method.IsSpecialName)
                .ToDictionary(method => method.Name, method => module.ImportReference(method), StringComparer.Ordinal);
            MethodReference yield = module.ImportReference(typeof(Yields).GetMethod(nameof(Yields.At), BindingFlags.Public | BindingFlags.Static));
            foreach (MethodDefinition method in module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody))
            {
                Redirect(method.Body, kernel);
                count += Weave(method.Body, yield);
            }

            assembly.Write(path);
        }

        return count;
    }

    // The parameters are the same but for the types of pointers. Weave still has to know the call as a step.
    private static void Redirect(MethodBody body, Dictionary<string, MethodReference> kernel)
    {
        foreach (Instruction instruction in body.Instructions)
        {
            if (instruction is { OpCode.Code: Code.Call, Operand: MethodReference { DeclaringType.FullName: SystemCalls } called }
                && kernel.TryGetValue(called.Name, out MethodReference? hostile))
            {
                instruction.Operand = called.Parameters.Count == hostile.Parameters.Count
                    ? hostile
                    : throw new InvalidOperationException($"{hostile} has other parameters than {called}.");
            }
        }
    }

    private static int Weave(MethodBody body, MethodReference yield)
    {
        Instruction[] steps = [.. body.Instructions.Where(IsStep)];
        if (steps.Length == 0)
        {
            return 0;
        }

        // Without short branches, so that each still reaches what it leads to.
        body.SimplifyMacros();
        ILProcessor il = body.GetILProcessor();
        foreach (Instruction step in steps)
        {
            Instruction first = step;
            while (first.Previous is { OpCode.OpCodeType: OpCodeType.Prefix } prefix)
            {
                first = prefix;
            }

            InsertBefore(il, first, yield, out Instruction moved);
            il.InsertAfter(first == step ? moved : step, il.Create(OpCodes.Call, yield));
        }

        body.OptimizeMacros();
        return steps.Length;
    }

    // The instruction becomes the call and a copy follows, so that what branches to it, and blocks that begin with it, come by the call.
    private static void InsertBefore(ILProcessor il, Instruction instruction, MethodReference yield, out Instruction moved)
    {
        moved = il.Create(OpCodes.Nop);
        moved.OpCode = instruction.OpCode;
        moved.Operand = instruction.Operand;
        il.InsertAfter(instruction, moved);
        instruction.OpCode = OpCodes.Call;
        instruction.Operand = yield;
    }

    private static bool IsStep(Instruction instruction) => instruction.OpCode.Code switch
    {
        Code.Call or Code.Callvirt => s_types.Contains(((MethodReference)instruction.Operand).DeclaringType.GetElementType().FullName),
        Code.Ldfld or Code.Stfld or Code.Ldsfld or Code.Stsfld => instruction.Previous?.OpCode == OpCodes.Volatile,
        _ => false,
    };
}
