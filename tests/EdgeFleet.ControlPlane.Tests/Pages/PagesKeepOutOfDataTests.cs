using System.Reflection;
using System.Runtime.CompilerServices;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.ControlPlane.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Pages;

/// <summary>Pages call the queries and commands that the API calls, and know neither the database nor its rows.</summary>
public sealed class PagesKeepOutOfDataTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public async Task No_page_uses_a_type_of_the_database()
    {
        var rows = await fixture.Plane.WithDbAsync(db => Task.FromResult(db.Model.GetEntityTypes().Select(e => e.ClrType).ToHashSet()));
        Assert.Contains(rows, r => r.Name == "Alert");
        var pages = typeof(Program).Assembly.GetTypes().Where(t => t.Namespace?.StartsWith("EdgeFleet.ControlPlane.Pages", StringComparison.Ordinal) == true).ToList();
        Assert.True(pages.Count > 20);
        var faults = pages.SelectMany(p => UsedBy(p).Where(u => rows.Contains(u) || u.Namespace == typeof(FleetContext).Namespace || u.Namespace?.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) == true)
            .Select(u => $"{p.FullName} uses {u.FullName}")).Distinct();
        Assert.Empty(faults);
    }

    private static IEnumerable<Type> UsedBy(Type type)
    {
        var used = type.GetFields(All).Select(f => f.FieldType)
            .Concat(type.GetProperties(All).Select(p => p.PropertyType))
            .Concat(type.GetMethods(All).SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType).Concat(m.GetMethodBody()?.LocalVariables.Select(l => l.LocalType) ?? [])))
            .Concat(type.GetConstructors(All).SelectMany(c => c.GetParameters().Select(p => p.ParameterType)))
            .Concat(type.GetNestedTypes(All).Where(n => n.IsDefined(typeof(CompilerGeneratedAttribute))).SelectMany(UsedBy));
        return used.SelectMany(Unwrapped);
    }

    private static IEnumerable<Type> Unwrapped(Type type) =>
        type.IsGenericType ? type.GetGenericArguments().SelectMany(Unwrapped).Append(type.GetGenericTypeDefinition()) : [type.IsArray ? type.GetElementType()! : type];
}
